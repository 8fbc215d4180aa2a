//! What mail programs fetch, read by another parser than the one it is written with, and held against the documents that
//! describe it: those documents stand here as tables.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use roxmltree::{Document, Node, ParsingOptions};
use smtplint_core::clients::{ClientSettings, First, Form, Incoming, MailAddress, Wanted, own_name, settings};
use smtplint_core::version::Target;
use smtplint_core::{inspect, intake, recognise};
use smtplint_tests::{corpus, predict};

/// One element of a format: its path from the root, how often it may stand in its parent, and which texts it may hold.
struct Rule {
    path: &'static str,
    least: usize,
    most: usize,
    holds: Holds,
}

enum Holds {
    /// Elements, in the order of the rules where the format wants one.
    Elements,
    Host,
    Port,
    Name,
    OneOf(&'static [&'static str]),
}

const fn rule(path: &'static str, least: usize, most: usize, holds: Holds) -> Rule {
    Rule {
        path,
        least,
        most,
        holds,
    }
}

const SOCKETS: &[&str] = &["plain", "SSL", "STARTTLS"];
const AUTHENTICATION: &[&str] = &[
    "password-cleartext",
    "password-encrypted",
    "NTLM",
    "GSSAPI",
    "client-IP-address",
    "TLS-client-cert",
    "OAuth2",
    "none",
];

/// <https://wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat>, and for the numbers what Thunderbird's own
/// reader insists on (`readFromXML`): a domain, an incoming and an outgoing server, each with everything below it.
const AUTOCONFIG: &[Rule] = &[
    rule("clientConfig", 1, 1, Holds::Elements),
    rule("clientConfig/emailProvider", 1, 1, Holds::Elements),
    rule("clientConfig/emailProvider/domain", 1, 99, Holds::Host),
    rule("clientConfig/emailProvider/displayName", 1, 1, Holds::Name),
    rule("clientConfig/emailProvider/incomingServer", 1, 99, Holds::Elements),
    rule("clientConfig/emailProvider/incomingServer/hostname", 1, 1, Holds::Host),
    rule("clientConfig/emailProvider/incomingServer/port", 1, 1, Holds::Port),
    rule(
        "clientConfig/emailProvider/incomingServer/socketType",
        1,
        1,
        Holds::OneOf(SOCKETS),
    ),
    rule(
        "clientConfig/emailProvider/incomingServer/authentication",
        1,
        9,
        Holds::OneOf(AUTHENTICATION),
    ),
    rule("clientConfig/emailProvider/incomingServer/username", 1, 1, Holds::Name),
    rule("clientConfig/emailProvider/outgoingServer", 1, 99, Holds::Elements),
    rule("clientConfig/emailProvider/outgoingServer/hostname", 1, 1, Holds::Host),
    rule("clientConfig/emailProvider/outgoingServer/port", 1, 1, Holds::Port),
    rule(
        "clientConfig/emailProvider/outgoingServer/socketType",
        1,
        1,
        Holds::OneOf(SOCKETS),
    ),
    rule(
        "clientConfig/emailProvider/outgoingServer/authentication",
        1,
        9,
        Holds::OneOf(AUTHENTICATION),
    ),
    rule("clientConfig/emailProvider/outgoingServer/username", 1, 1, Holds::Name),
];

const SWITCH: &[&str] = &["on", "off"];

/// [MS-OXDSCLI] §2.2.4.1.1.2: `Account` with its `AccountType` and `Action`, and of `Protocol` what is for IMAP and SMTP;
/// `Encryption` is §2.2.4.1.1.2.6.22.
const AUTODISCOVER: &[Rule] = &[
    rule("Autodiscover", 1, 1, Holds::Elements),
    rule("Autodiscover/Response", 1, 1, Holds::Elements),
    rule("Autodiscover/Response/Account", 1, 1, Holds::Elements),
    rule(
        "Autodiscover/Response/Account/AccountType",
        1,
        1,
        Holds::OneOf(&["email"]),
    ),
    rule(
        "Autodiscover/Response/Account/Action",
        1,
        1,
        Holds::OneOf(&["settings", "redirectAddr", "redirectUrl"]),
    ),
    rule("Autodiscover/Response/Account/Protocol", 2, 2, Holds::Elements),
    rule(
        "Autodiscover/Response/Account/Protocol/Type",
        1,
        1,
        Holds::OneOf(&["IMAP", "SMTP"]),
    ),
    rule("Autodiscover/Response/Account/Protocol/Server", 1, 1, Holds::Host),
    rule("Autodiscover/Response/Account/Protocol/Port", 1, 1, Holds::Port),
    rule("Autodiscover/Response/Account/Protocol/LoginName", 1, 1, Holds::Name),
    rule(
        "Autodiscover/Response/Account/Protocol/DomainRequired",
        1,
        1,
        Holds::OneOf(SWITCH),
    ),
    rule("Autodiscover/Response/Account/Protocol/SPA", 1, 1, Holds::OneOf(SWITCH)),
    rule("Autodiscover/Response/Account/Protocol/SSL", 1, 1, Holds::OneOf(SWITCH)),
    rule(
        "Autodiscover/Response/Account/Protocol/Encryption",
        1,
        1,
        Holds::OneOf(&["None", "SSL", "TLS", "Auto"]),
    ),
    rule(
        "Autodiscover/Response/Account/Protocol/AuthRequired",
        1,
        1,
        Holds::OneOf(SWITCH),
    ),
];

/// Attributes: element, name, allowed values; an empty list stands for a host name. The namespaces of Outlook's answer are
/// [MS-OXDSCLI] §2.2.1.
const ATTRIBUTES: &[(&str, &str, &[&str])] = &[
    ("clientConfig", "version", &["1.1"]),
    ("emailProvider", "id", &[]),
    ("incomingServer", "type", &["imap", "pop3"]),
    ("outgoingServer", "type", &["smtp"]),
];
const OUTER: &str = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
const INNER: &str = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

/// Keys of a payload: name, type, whether it must be there, allowed values.
type Key = (&'static str, &'static str, bool, &'static [&'static str]);

const AUTH: &[&str] = &[
    "EmailAuthNone",
    "EmailAuthPassword",
    "EmailAuthCRAMMD5",
    "EmailAuthNTLM",
    "EmailAuthHTTPMD5",
];

/// `com.apple.mail.managed.yaml` of <https://github.com/apple/device-management>, as far as it is for accounts with passwords.
const MAIL: &[Key] = &[
    ("EmailAccountDescription", "string", false, &[]),
    ("EmailAccountType", "string", true, &["EmailTypeIMAP", "EmailTypePOP"]),
    ("EmailAddress", "string", false, &[]),
    ("IncomingMailServerAuthentication", "string", true, AUTH),
    ("IncomingMailServerHostName", "string", true, &[]),
    ("IncomingMailServerPortNumber", "integer", false, &[]),
    ("IncomingMailServerUseSSL", "boolean", false, &[]),
    ("IncomingMailServerUsername", "string", false, &[]),
    ("OutgoingMailServerAuthentication", "string", true, AUTH),
    ("OutgoingMailServerHostName", "string", true, &[]),
    ("OutgoingMailServerPortNumber", "integer", false, &[]),
    ("OutgoingMailServerUseSSL", "boolean", false, &[]),
    ("OutgoingMailServerUsername", "string", false, &[]),
    ("OutgoingPasswordSameAsIncomingPassword", "boolean", false, &[]),
];

/// `CommonPayloadKeys.yaml` of the same.
const COMMON: &[Key] = &[
    ("PayloadIdentifier", "string", true, &[]),
    ("PayloadUUID", "string", true, &[]),
    ("PayloadType", "string", true, &["com.apple.mail.managed"]),
    ("PayloadVersion", "integer", true, &["1"]),
    ("PayloadDescription", "string", false, &[]),
    ("PayloadDisplayName", "string", false, &[]),
    ("PayloadOrganization", "string", false, &[]),
];

/// `TopLevel.yaml` of the same, as far as it is for profiles that people install by hand.
const TOP: &[Key] = &[
    ("PayloadContent", "array", true, &[]),
    ("PayloadIdentifier", "string", true, &[]),
    ("PayloadUUID", "string", true, &[]),
    ("PayloadType", "string", true, &["Configuration"]),
    ("PayloadVersion", "integer", true, &["1"]),
    ("PayloadDescription", "string", false, &[]),
    ("PayloadDisplayName", "string", false, &[]),
    ("PayloadOrganization", "string", false, &[]),
];

/// The elements of a node, without what stands between them: that must be blank.
fn elements<'a, 'i>(node: Node<'a, 'i>) -> Vec<Node<'a, 'i>> {
    for text in node.children().filter(Node::is_text) {
        assert!(
            text.text().unwrap_or_default().trim().is_empty(),
            "a text between elements of {node:?}"
        );
    }
    node.children().filter(Node::is_element).collect()
}

fn is_host(text: &str) -> bool {
    text.contains('.')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
}

/// What is wrong with an element and all below it.
fn faults(rules: &[Rule], node: Node<'_, '_>, path: &str, faults: &mut Vec<String>) {
    let Some(rule) = rules.iter().find(|rule| rule.path == path) else {
        faults.push(format!("the format has no {path}"));
        return;
    };
    let text = node.text().unwrap_or_default();
    let is_good = match &rule.holds {
        Holds::Elements => {
            let children = elements(node);
            let below: Vec<&Rule> = rules
                .iter()
                .filter(|rule| rule.path.rsplit_once('/').is_some_and(|(parent, _)| parent == path))
                .collect();
            let mut last = 0;
            for child in &children {
                let name = child.tag_name().name();
                faults_of_order(&below, name, &mut last, path, faults);
                self::faults(rules, *child, &format!("{path}/{name}"), faults);
            }
            for rule in below {
                let name = rule.path.rsplit('/').next().unwrap_or_default();
                let count = children.iter().filter(|child| child.tag_name().name() == name).count();
                if !(rule.least..=rule.most).contains(&count) {
                    faults.push(format!("{} stands there {count} times", rule.path));
                }
            }
            true
        }
        Holds::Host => is_host(text),
        Holds::Port => text.parse::<u16>().is_ok_and(|port| port > 0),
        Holds::Name => !text.trim().is_empty() && text.chars().count() <= 320,
        Holds::OneOf(words) => words.contains(&text),
    };
    if !is_good {
        faults.push(format!("{path} holds `{text}`"));
    }
}

/// Elements follow each other as the rules do.
fn faults_of_order(below: &[&Rule], name: &str, last: &mut usize, path: &str, faults: &mut Vec<String>) {
    let at = below
        .iter()
        .position(|rule| rule.path.ends_with(&format!("/{name}")))
        .unwrap_or(*last);
    if at < *last {
        faults.push(format!("{name} stands too late in {path}"));
    }
    *last = at;
}

fn parsed(text: &str) -> Document<'_> {
    // Property lists name their type, and nothing is fetched for that.
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).unwrap_or_else(|error| panic!("{error}:\n{text}"))
}

/// Holds a document to a format.
fn all_faults(rules: &[Rule], text: &str) -> Vec<String> {
    let document = parsed(text);
    let root = document.root_element();
    let mut all = Vec::new();
    faults(rules, root, root.tag_name().name(), &mut all);
    for node in root.descendants().filter(Node::is_element) {
        for attribute in node.attributes() {
            let known = ATTRIBUTES
                .iter()
                .find(|(element, name, _)| (*element, *name) == (node.tag_name().name(), attribute.name()));
            match known {
                Some((_, _, [])) if is_host(attribute.value()) => {}
                Some((_, _, values)) if values.contains(&attribute.value()) => {}
                _ => all.push(format!("{}=`{}`", attribute.name(), attribute.value())),
            }
        }
        for (element, name, _) in ATTRIBUTES
            .iter()
            .filter(|(element, ..)| *element == node.tag_name().name())
        {
            if node.attribute(*name).is_none() {
                all.push(format!("{element} without {name}"));
            }
        }
    }
    all
}

/// A dictionary of a property list: each key with the node of its value.
fn dictionary<'a, 'i>(dict: Node<'a, 'i>) -> BTreeMap<String, Node<'a, 'i>> {
    assert_eq!(dict.tag_name().name(), "dict");
    let all = elements(dict);
    let mut entries = BTreeMap::new();
    for pair in all.chunks(2) {
        let [key, value] = pair else {
            panic!("a key without a value")
        };
        assert_eq!(key.tag_name().name(), "key");
        let key = key.text().expect("a key has a name").to_owned();
        assert!(
            entries.insert(key.clone(), *value).is_none(),
            "{key} stands there twice"
        );
    }
    entries
}

fn faults_of_payload(keys: &[Key], entries: &BTreeMap<String, Node<'_, '_>>) -> Vec<String> {
    let mut all: Vec<String> = entries
        .keys()
        .filter(|name| keys.iter().all(|(key, ..)| key != name))
        .map(|name| format!("no payload has {name}"))
        .collect();
    for (key, kind, required, values) in keys {
        let Some(value) = entries.get(*key) else {
            if *required {
                all.push(format!("{key} is missing"));
            }
            continue;
        };
        let (tag, text) = (value.tag_name().name(), value.text().unwrap_or_default());
        let is_kind = match *kind {
            "boolean" => matches!(tag, "true" | "false"),
            "integer" => tag == "integer" && text.parse::<u16>().is_ok(),
            kind => tag == kind,
        };
        if !is_kind || !values.is_empty() && !values.contains(&text) {
            all.push(format!("{key} is a {tag} with `{text}`"));
        }
    }
    all
}

/// Holds a profile to Apple's documents.
fn profile_faults(text: &str) -> Vec<String> {
    let document = parsed(text);
    let root = document.root_element();
    assert_eq!(
        (root.tag_name().name(), root.attribute("version")),
        ("plist", Some("1.0"))
    );
    let [top] = elements(root)[..] else {
        panic!("a property list has one value")
    };
    let top = dictionary(top);
    let mut all = faults_of_payload(TOP, &top);
    let mut uuids = vec![top["PayloadUUID"].text().map(str::to_owned)];
    let payloads = elements(top["PayloadContent"]);
    assert_eq!(payloads.len(), 1);
    let keys: Vec<Key> = MAIL.iter().chain(COMMON).copied().collect();
    for payload in payloads {
        let payload = dictionary(payload);
        all.extend(faults_of_payload(&keys, &payload));
        uuids.push(payload["PayloadUUID"].text().map(str::to_owned));
    }
    for uuid in uuids.iter().flatten() {
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        if lengths != [8, 4, 4, 4, 12] || !uuid.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
            all.push(format!("`{uuid}` is no UUID"));
        }
    }
    if uuids[0] == uuids[1] {
        all.push("the profile and its payload have one UUID".to_owned());
    }
    all
}

fn autodiscover_faults(text: &str) -> Vec<String> {
    let document = parsed(text);
    let namespaces: Vec<Option<&str>> = document
        .root_element()
        .descendants()
        .filter(Node::is_element)
        .map(|node| node.tag_name().namespace())
        .collect();
    assert_eq!(namespaces[0], Some(OUTER));
    assert!(namespaces[1..].iter().all(|one| *one == Some(INNER)));
    all_faults(AUTODISCOVER, text)
}

/// Everything that is wrong with the forms that programs read.
fn wrong(settings: &ClientSettings) -> Vec<String> {
    let text = |form: Form| {
        form.render(settings)
            .unwrap_or_else(|error| panic!("{form:?}: {error}"))
    };
    let mut all = all_faults(AUTOCONFIG, &text(Form::Autoconfig));
    all.extend(autodiscover_faults(&text(Form::Autodiscover)));
    all.extend(profile_faults(&text(Form::Mobileconfig)));
    all
}

fn wanted(domain: &str) -> Wanted {
    Wanted {
        host: Some("mail.example.org".parse().expect("a name")),
        incoming: Some(Incoming::parse("imap.example.org").expect("a server")),
        ..Wanted::for_domain(domain.parse().expect("a name"))
    }
}

#[test]
fn every_configuration_that_has_a_port_gives_what_the_documents_describe() {
    let mut published = 0;
    for case in corpus::own().unwrap_or_else(|error| panic!("{error}")) {
        let sources = predict::sources(&case);
        let dialect = recognise(&sources).expect("a configuration");
        let server = inspect(&sources, dialect, &predict::target(&case)).server;
        for first in [First::Implicit, First::Starttls] {
            let mut wanted = Wanted {
                first,
                ..wanted("example.org")
            };
            for (imap, address) in [
                ("imap.example.org", None),
                ("imap.example.org:143", Some("anna@example.org")),
            ] {
                wanted.incoming = Some(Incoming::parse(imap).expect("a server"));
                wanted.address = address.map(|address| address.parse().expect("an address"));
                if let Ok(settings) = settings(&server, &wanted) {
                    assert_eq!(wrong(&settings), [""; 0], "{}", case.name);
                    published += 1;
                }
            }
        }
    }
    assert!(published > 40, "only {published} settings");
}

const MAIN: &str = "compatibility_level = 3.6
myhostname = mail.example.org
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_chain_files = /etc/ssl/key.pem, /etc/ssl/chain.pem
smtpd_sasl_auth_enable = yes
";
const MASTER: &str = "submissions inet n - y - - smtpd
  -o smtpd_tls_wrappermode=yes
submission inet n - y - - smtpd
  -o smtpd_tls_security_level=encrypt
";

fn decided(main: &str, wanted: &Wanted) -> ClientSettings {
    let sources = intake::split(
        "paste",
        &format!("==> main.cf <==\n{main}\n==> master.cf <==\n{MASTER}"),
    );
    let dialect = recognise(&sources).expect("a configuration");
    let inspection = inspect(&sources, dialect, &Target::default());
    let mut wanted = wanted.clone();
    wanted.own_name = own_name(&inspection, &Target::default());
    settings(&inspection.server, &wanted).unwrap_or_else(|error| panic!("{error}"))
}

/// Tables that everything fits would be worth nothing.
#[test]
fn what_is_not_as_the_documents_say_is_seen() {
    let good = decided(MAIN, &wanted("example.org"));
    let text = |form: Form| form.render(&good).expect("a form");
    let file = text(Form::Autoconfig);
    for (from, to) in [
        ("<socketType>SSL<", "<socketType>TLS<"),
        ("password-cleartext", "password"),
        ("<port>465<", "<port>0<"),
        ("<port>465</port>", ""),
        ("type=\"smtp\"", ""),
        ("<domain>example.org</domain>", "<domain>a b</domain>"),
        ("<displayName>", "<name/><displayName>"),
        ("version=\"1.1\"", "version=\"3\""),
    ] {
        assert!(file.contains(from), "{from}");
        assert_ne!(
            all_faults(AUTOCONFIG, &file.replacen(from, to, 1)),
            [""; 0],
            "{from} for {to}"
        );
    }
    let answer = text(Form::Autodiscover);
    for (from, to) in [
        ("<SSL>on<", "<SSL>yes<"),
        ("<Encryption>SSL<", "<Encryption>STARTTLS<"),
        ("<Type>SMTP<", "<Type>smtp<"),
        ("<Action>settings</Action>", ""),
        ("<SPA>off</SPA>\n", "<SPA>off</SPA><Server>x.example</Server>\n"),
    ] {
        assert!(answer.contains(from), "{from}");
        assert_ne!(
            autodiscover_faults(&answer.replacen(from, to, 1)),
            [""; 0],
            "{from} for {to}"
        );
    }
    let profile = text(Form::Mobileconfig);
    for (from, to) in [
        ("<integer>465</integer>", "<string>465</string>"),
        ("EmailAuthPassword", "Password"),
        ("<key>OutgoingMailServerHostName</key>", "<key>OutgoingMailServer</key>"),
        ("<string>Configuration</string>", "<string>Profile</string>"),
        ("<true/>", "<string>true</string>"),
    ] {
        assert!(profile.contains(from), "{from}");
        assert_ne!(
            profile_faults(&profile.replacen(from, to, 1)),
            [""; 0],
            "{from} for {to}"
        );
    }
}

/// A word for a password that nothing else holds.
const SECRET: &str = "Zq9vSecretWord";

proptest! {
    /// Whatever is given as a name is refused, or is the same text in the XML when it is read again.
    #[test]
    fn nothing_that_is_given_breaks_a_form(
        domain in "(.{0,12}|[a-zA-Z0-9-]{1,8}\\.[a-z<&\"'>]{1,6}|[a-z0-9]{1,9}\\.example)",
        local in "(.{0,12}|[a-z!#$%&'*+/=?^_`{|}~-]{1,20})",
    ) {
        let Ok(name) = domain.parse() else {
            return Ok(());
        };
        let mut wanted = Wanted { domain: name, ..wanted("example.org") };
        let address = format!("{local}@{}", wanted.domain);
        wanted.address = address.parse::<MailAddress>().ok();
        let settings = decided(MAIN, &wanted);
        prop_assert_eq!(wrong(&settings), Vec::<String>::new());
        let answer = Form::Autodiscover.render(&settings).expect("an answer");
        let read = parsed(&answer);
        let login = read.descendants().find(|node| node.tag_name().name() == "LoginName");
        let login = login.and_then(|node| node.text());
        prop_assert_eq!(login, Some(wanted.address.as_ref().map_or("%EMAILADDRESS%", MailAddress::as_str)));
        for line in Form::Srv.render(&settings).expect("a zone").lines().filter(|line| !line.starts_with(';')) {
            prop_assert_eq!(line.split(' ').count(), 8, "{}", line);
        }
    }

    /// Passwords of the configuration are in no form, wherever they stand there.
    #[test]
    fn secrets_stay_where_they_are(at in 0_usize..6) {
        let lines = [
            format!("smtp_sasl_password_maps = static:me:{SECRET}"),
            format!("virtual_alias_maps = ldap:ldap://cn=x:{SECRET}@ldap.example.org/"),
            format!("virtual_mailbox_maps = mysql://user:{SECRET}@localhost/mail"),
            format!("# password = {SECRET}"),
            format!("smtpd_sasl_path = password={SECRET}"),
            format!("smtpd_tls_chain_files = /etc/ssl/password={SECRET}"),
        ];
        let settings = decided(&format!("{MAIN}{}\n", lines[at]), &wanted("example.org"));
        for form in Form::ALL {
            let text = form.render(&settings).expect("a form");
            prop_assert!(!text.contains(SECRET), "{:?}: {}", form, text);
        }
        let json = serde_json::to_string(&settings.to_json(Vec::new())).expect("JSON");
        prop_assert!(!json.contains(SECRET), "{}", json);
    }
}
