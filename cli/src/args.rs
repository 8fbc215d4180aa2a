//! The flags, as users and scripts see them.

use clap::builder::PossibleValuesParser;
use clap::{ArgMatches, Args, FromArgMatches, Parser, Subcommand, ValueEnum};
use smtplint_core::clients;
use smtplint_core::policy::POLICIES;
use std::path::PathBuf;

/// Advice on mail submission: what a stranger could do to your users' mail and passwords, which line decides it, and what
/// to write instead.
#[derive(Debug, Parser)]
#[command(name = "smtplint", version, propagate_version = true, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Colours in the output.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage or unreadable input, 3 no configuration found.
Nothing leaves the machine: only `probe` and `mx` open network connections, `probe` to the host that you name, and `mx` to the
name server and to the web servers of the domain that you name.";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge a configuration; with no path, the one this machine runs.
    Check(Deferred<CheckOptions>),
    /// Say what is in force, and why: the listeners and their facts.
    Inspect(Deferred<InspectOptions>),
    /// Mend what is found: as a patch to look at, or in the files.
    Fix(Deferred<FixOptions>),
    /// Plan a move, with its patches and its way back: of users from port to port, or of Dovecot from 2.3 to 2.4.
    Migrate(Deferred<MigrateOptions>),
    /// Explain a rule, an error message or a line of a log.
    Explain(Deferred<ExplainOptions>),
    /// Say what a cipher string of OpenSSL or a priority string of GnuTLS means.
    Ciphers(Deferred<CiphersOptions>),
    /// Say what users enter in their mail programs, and make what tells the programs by themselves.
    Clients(Deferred<ClientsOptions>),
    /// Count from logs who uses which port, TLS version and mechanism; with no log, from those of this machine.
    Usage(Deferred<UsageOptions>),
    /// Look at a live port: what it really offers, judged by the rules that judge configurations.
    Probe(Deferred<ProbeOptions>),
    /// Ask what a domain says of its mail: exchangers, DNSSEC and DANE, MTA-STS and its reports, where users hand in mail.
    Mx(Deferred<MxOptions>),
    /// List the rules.
    Rules(Deferred<RulesOptions>),
    /// Show advice for a configuration that comes with the program.
    Demo,
    /// Print a completion script for a shell.
    Completions(Deferred<CompletionsOptions>),
    /// Print the manual page.
    Man,
}

/// Flags that are put together only where their subcommand is asked for.
#[derive(Debug)]
pub(crate) struct Deferred<T>(pub(crate) T);

impl<T: Args> Args for Deferred<T> {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.defer(|command| {
            // What the subcommand does is said where it is listed.
            let about = command.get_about().cloned();
            T::augment_args(command).about(about.unwrap_or_default())
        })
    }

    /// Together at once, and otherwise the same: a list of all flags has them in the order in which they are written here.
    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        T::augment_args(command)
    }
}

impl<T: FromArgMatches> FromArgMatches for Deferred<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Deferred<T>, clap::Error> {
        T::from_arg_matches(matches).map(Deferred)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Deferred<T>, clap::Error> {
        T::from_arg_matches_mut(matches).map(Deferred)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

/// What both `check` and `inspect` take.
#[derive(Debug, Args)]
pub(crate) struct Input {
    /// Files, a folder that holds them, or - for standard input; a certificate among them is taken for the server's.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The language of the configuration, when it is not recognised by itself.
    #[arg(long, value_name = "NAME")]
    pub(crate) dialect: Option<String>,
    /// What the configuration runs on, such as postfix=3.7, openssl=3.0 or debian=12. May be repeated.
    #[arg(long, value_name = "PROGRAM=VERSION")]
    pub(crate) target: Vec<String>,
    /// What a listener is for, such as 25=mx: mx, submission, internal or unknown. May be repeated.
    #[arg(long, value_name = "PORT=ROLE")]
    pub(crate) role: Vec<String>,
    /// The machine's full name, where the server would ask the system for it; certificates are held against it.
    #[arg(long, value_name = "NAME")]
    pub(crate) host_name: Option<String>,
    /// An address of the machine with its prefix, such as 192.0.2.7/24. May be repeated.
    #[arg(long, value_name = "ADDRESS/PREFIX")]
    pub(crate) interface: Vec<String>,
    /// Look for the configuration, and for the certificates it names, below this folder instead of /.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) root: Option<PathBuf>,
    /// Run no program, not even the server's own on this machine.
    #[arg(long)]
    pub(crate) no_exec: bool,
    /// The file with roles, targets and what is to be ignored, instead of the smtplint.toml beside the configuration.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Put placeholders in the place of users, host names and addresses, in everything that is printed.
    #[arg(long)]
    pub(crate) redact: bool,
    /// Print the result and nothing else.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// `check`.
#[derive(Debug, Args)]
pub(crate) struct CheckOptions {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Text for people, JSON or SARIF for programs, Markdown or HTML to hand on.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ReportFormat,
    /// The published document to judge by; bcp195 when none is named.
    #[arg(long, value_name = "POLICY", value_parser = PossibleValuesParser::new(POLICIES.iter().map(|policy| policy.id)))]
    pub(crate) policy: Option<String>,
    /// The port you want for users: 587 with STARTTLS, 465 with implicit TLS, or both, as when none is named.
    #[arg(long, value_name = "PORT", value_parser = ["both", "587", "465"])]
    pub(crate) prefer: Option<String>,
    /// Show only what this file does not know; --update-baseline makes it.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write what is found to the file of --baseline: from then on it is known.
    #[arg(long, requires = "baseline")]
    pub(crate) update_baseline: bool,
    /// Exit with 1 from this severity on: critical, high, medium, low or info.
    #[arg(long, value_name = "SEVERITY", default_value = "medium")]
    pub(crate) fail_on: String,
    /// Let findings that depend on something, and open questions, count as well.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// `inspect`.
#[derive(Debug, Args)]
pub(crate) struct InspectOptions {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Text for people or JSON for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// Show every setting that is set and used, as the server's own tool would print it.
    #[arg(long)]
    pub(crate) settings: bool,
}

/// `fix`. What it writes has to fit the files, so there is no `--redact`: it is hidden, and refused with the reason.
#[derive(Debug, Args)]
#[command(mut_arg("redact", |flag| flag.hide(true)))]
pub(crate) struct FixOptions {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Print a patch and change nothing, as when neither this nor --write is given.
    #[arg(long, conflicts_with = "write")]
    pub(crate) diff: bool,
    /// Change the files; a copy of each is kept beside it.
    #[arg(long)]
    pub(crate) write: bool,
    /// Mend what this rule finds, however bad it is, and nothing else; without it, all that is low or worse. May be repeated.
    #[arg(long, value_name = "RULE")]
    pub(crate) rule: Vec<String>,
    /// Make changes as well that shut somebody out who is served now.
    #[arg(long)]
    pub(crate) allow_impact: bool,
    /// What `smtplint usage --format json` printed of the log: it names who would be shut out, or shows that nobody is.
    #[arg(long, value_name = "FILE")]
    pub(crate) evidence: Option<PathBuf>,
    /// Text for people or JSON for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// The release that Dovecot's files of 2.3 can be written for.
pub(crate) const DOVECOT_24: &str = "dovecot-2.4";

/// `migrate`.
#[derive(Debug, Args)]
pub(crate) struct MigrateOptions {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Where users are to be: on 587 with STARTTLS, on 465 with implicit TLS, or on both; or what Dovecot's files of 2.3 are to
    /// be written for: dovecot-2.4.
    #[arg(long, value_name = "PORT", value_parser = ["587", "465", "both", DOVECOT_24])]
    pub(crate) to: String,
    /// Text for people, Markdown with boxes to tick, or JSON for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: PlanFormat,
    /// What `smtplint usage --format json` printed of the log: the plan names those who have to move.
    #[arg(long, value_name = "FILE")]
    pub(crate) evidence: Option<PathBuf>,
    /// Write the plan, its patches and its records into this folder; for dovecot-2.4 the changed files as well.
    #[arg(long, value_name = "FOLDER", conflicts_with = "redact")]
    pub(crate) write: Option<PathBuf>,
    /// The domain of the users' addresses: the commands name it, and with --write what tells their mail programs is written as
    /// well, for each stage that changes it.
    #[arg(long, value_name = "DOMAIN", conflicts_with = "redact")]
    pub(crate) domain: Option<String>,
    /// The server where mail is read, which Postfix does not know and some mail programs have to be told.
    #[arg(long, value_name = "HOST[:PORT]", requires = "domain", requires = "write")]
    pub(crate) imap: Option<String>,
}

/// `explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainOptions {
    /// The rule's id (`smtplint rules` lists them), or what a client or the log says, in quotes.
    #[arg(value_name = "RULE|LINE")]
    pub(crate) subject: String,
    /// The configuration in which to look for what explains a line.
    #[command(flatten)]
    pub(crate) input: Input,
}

/// `ciphers`.
#[derive(Debug, Args)]
pub(crate) struct CiphersOptions {
    /// The string, in quotes.
    #[arg(value_name = "STRING", allow_hyphen_values = true)]
    pub(crate) string: String,
    /// Whose language it is in: openssl or gnutls, with a release as in openssl=3.0; without one the newest that is known.
    #[arg(long, value_name = "LIBRARY", default_value = "openssl")]
    pub(crate) library: String,
    /// The security level before OpenSSL's string: 2 in Debian's builds, 0 in Postfix.
    #[arg(long, value_name = "LEVEL", default_value = "2", value_parser = clap::value_parser!(u8).range(0..=5))]
    pub(crate) level: u8,
    /// Text for people or JSON for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `clients`.
#[derive(Debug, Args)]
pub(crate) struct ClientsOptions {
    #[command(flatten)]
    pub(crate) input: Input,
    /// The domain of the users' addresses.
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) domain: String,
    /// The server where mail is read, where no configuration of Dovecot that is given tells it, or it is another: port 993 with
    /// implicit TLS unless another is named; 143 is with STARTTLS.
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) imap: Option<String>,
    /// Whose account it is; without it the settings are for everybody in the domain.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Option<String>,
    /// Which port programs are to try first: 465, as RFC 8314 wants it and as when none is named, or 587.
    #[arg(long, value_name = "PORT", value_parser = ["465", "587"])]
    pub(crate) first: Option<String>,
    /// For how long name servers may keep the records: 300 while clients are moved from port to port.
    #[arg(long, value_name = "SECONDS", default_value_t = clients::TTL, value_parser = clap::value_parser!(u32).range(1..=604_800))]
    pub(crate) ttl: u32,
    /// Text for people, or what programs fetch: Thunderbird's autoconfig, Outlook's autodiscover, Apple's mobileconfig, or srv
    /// for a zone file; json has all of it as data.
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub(crate) form: ClientsForm,
    /// Write every form to a file in this folder, and say where each is published.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["form", "redact"])]
    pub(crate) write: Option<PathBuf>,
}

/// The forms of client settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClientsForm {
    Text,
    Autoconfig,
    Autodiscover,
    Mobileconfig,
    Srv,
    Json,
}

/// `usage`.
#[derive(Debug, Args)]
pub(crate) struct UsageOptions {
    /// Mail logs, plain or compressed, or - for standard input; also what `journalctl -o export` prints.
    #[arg(value_name = "LOG")]
    pub(crate) logs: Vec<PathBuf>,
    /// The port of a service, by its name in the log, such as postfix/inside=587, or exim=587 where that is its only port. May be
    /// repeated.
    #[arg(long, value_name = "NAME=PORT")]
    pub(crate) service: Vec<String>,
    /// Text for people or JSON for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// How many entries of each list the text shows.
    #[arg(long, value_name = "NUMBER", default_value = "10")]
    pub(crate) top: usize,
    /// Put words in the place of users and networks, the same word for the same one.
    #[arg(long)]
    pub(crate) anonymise: bool,
    /// Print the result and nothing else.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// `probe`.
#[derive(Debug, Args)]
pub(crate) struct ProbeOptions {
    /// The server, by the name that clients use, and its port; 587 when none is named.
    #[arg(value_name = "HOST[:PORT]")]
    pub(crate) endpoint: String,
    /// Connect to this address, and ask for the host by its name all the same.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Option<std::net::IpAddr>,
    /// What the port is for: mx, submission, internal or unknown; told by its number when not said.
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: Option<String>,
    /// Try what becomes of a stranger's mail: MAIL and RCPT are said, DATA never is. For servers that are yours to test.
    #[arg(long)]
    pub(crate) relay_test: bool,
    /// The recipient elsewhere whom the test of relaying names.
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "nobody@example.net",
        requires = "relay_test"
    )]
    pub(crate) recipient: String,
    /// A mailbox of the server itself, for which a stranger's mail is tried as well.
    #[arg(long, value_name = "ADDRESS", requires = "relay_test")]
    pub(crate) mailbox: Option<String>,
    /// Send a command ahead of the handshake, as an attacker would. For servers that are yours to test.
    #[arg(long)]
    pub(crate) aggressive: bool,
    /// Hold what is seen against this configuration: files, or the folder that holds them. May be repeated.
    #[arg(long, value_name = "PATH")]
    pub(crate) against: Vec<PathBuf>,
    /// The listener of the configuration, by its name, where its port is another one.
    #[arg(long, value_name = "NAME", requires = "against")]
    pub(crate) listener: Option<String>,
    /// What the configuration runs on, such as postfix=3.7 or debian=12. May be repeated.
    #[arg(long, value_name = "PROGRAM=VERSION", requires = "against")]
    pub(crate) target: Vec<String>,
    /// Look for the certificates that the configuration names below this folder; / on the machine itself.
    #[arg(long, value_name = "FOLDER", requires = "against")]
    pub(crate) root: Option<PathBuf>,
    /// How long one connection may take; all together may take six times as long.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=300))]
    pub(crate) timeout: u16,
    /// How many connections there may be at a time.
    #[arg(long, value_name = "NUMBER", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(crate) connections: u8,
    /// Text for people or JSON for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// The published document to judge by; bcp195 when none is named.
    #[arg(long, value_name = "POLICY", value_parser = PossibleValuesParser::new(POLICIES.iter().map(|policy| policy.id)))]
    pub(crate) policy: Option<String>,
    /// Exit with 1 from this severity on: critical, high, medium, low or info.
    #[arg(long, value_name = "SEVERITY", default_value = "medium")]
    pub(crate) fail_on: String,
    /// Let findings that depend on something, and open questions, count as well.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// `mx`.
#[derive(Debug, Args)]
pub(crate) struct MxOptions {
    /// The domain: what stands behind the @ of its addresses.
    #[arg(value_name = "DOMAIN", required_unless_present = "from", conflicts_with = "from")]
    pub(crate) domains: Vec<String>,
    /// Ask about each domain in this list, or on standard input where it is -: a line each, be it the name alone or an object of
    /// JSON with a `domain`. Each result is a line of JSON, printed when it is there; the exit code is 0 at the list's end,
    /// whatever is found.
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// How many domains of a list are asked about at a time.
    #[arg(long, value_name = "NUMBER", default_value_t = 64, conflicts_with = "domains", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: u16,
    /// Leave out of a list what this file has results of, such as those of a run that was stopped.
    #[arg(long, value_name = "FILE", conflicts_with = "domains")]
    pub(crate) skip_done: Option<PathBuf>,
    /// The name server to ask, instead of the system's.
    #[arg(long, value_name = "ADDRESS[:PORT]")]
    pub(crate) server: Option<String>,
    /// How long one question may take, which is put twice, or one connection to a port.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=60))]
    pub(crate) timeout: u16,
    /// Trust the DNSKEY records in this file, instead of the root's: for zones that are not public.
    #[arg(long, value_name = "FILE", conflicts_with = "no_dnssec")]
    pub(crate) trust_anchor: Option<PathBuf>,
    /// Check no signatures: it asks less, and what DNSSEC says is unknown.
    #[arg(long)]
    pub(crate) no_dnssec: bool,
    /// Ask for addresses of IPv4 alone.
    #[arg(long, conflicts_with = "ipv6")]
    pub(crate) ipv4: bool,
    /// Ask for addresses of IPv6 alone.
    #[arg(long)]
    pub(crate) ipv6: bool,
    /// Ask name servers alone, and no web server for the policy of MTA-STS and for autoconfig.
    #[arg(long)]
    pub(crate) dns_only: bool,
    /// Look at the ports that the records lead to as well: whether anybody answers, how TLS begins, which certificates are shown. Few
    /// connections each, and no mail is tried; `smtplint probe` sees all of one port.
    #[arg(long)]
    pub(crate) probe: bool,
    /// How many connections to such ports there may be at a time, whatever the number of domains.
    #[arg(long, value_name = "NUMBER", default_value_t = 3, requires = "probe", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(crate) connections: u8,
    /// Trust the authorities in this file with certificates of servers, instead of the system's.
    #[arg(long, value_name = "FILE", conflicts_with = "dns_only")]
    pub(crate) root_certificates: Option<PathBuf>,
    /// The port of HTTPS, for tests.
    #[arg(long, value_name = "PORT", default_value_t = 443, hide = true)]
    pub(crate) https_port: u16,
    /// The port of exchangers, for tests.
    #[arg(long, value_name = "PORT", default_value_t = 25, hide = true)]
    pub(crate) smtp_port: u16,
    /// Text for people or JSON for programs; of several domains an object a line. Text, but for a list.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Exit with 1 from this severity on: critical, high, medium, low or info.
    #[arg(long, value_name = "SEVERITY", default_value = "medium", conflicts_with = "from")]
    pub(crate) fail_on: String,
    /// Let open questions count as well.
    #[arg(long, conflicts_with = "from")]
    pub(crate) strict: bool,
    /// Print the result and nothing else: not how far a list is, either.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// `rules`.
#[derive(Debug, Args)]
pub(crate) struct RulesOptions {
    /// Text for people or JSON for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsOptions {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

/// The form of the output: for people, or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

/// The forms of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    Text,
    Markdown,
    Json,
}

/// The forms of a judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    Text,
    Json,
    Sarif,
    Markdown,
    Html,
}

/// When to use colours; `auto` is on a terminal that can show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Makes the choice for everything printed from now on.
    pub(crate) fn choose(self) {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}
