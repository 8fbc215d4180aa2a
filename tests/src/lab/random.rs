//! Random ports: restriction lists, tables, classes and codes put together by chance, the same for the same seed.

/// A generator of numbers (xorshift64*), the same ones for the same seed.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// Begins anew.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap_or(0) % limit.max(1)
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of them.
    pub fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of.get(self.below(of.len())).copied().unwrap_or_default()
    }
}

/// Words that decide by what the lab can show.
const WORDS: &[&str] = &[
    "permit",
    "reject",
    "defer",
    "defer_if_permit",
    "defer_if_reject",
    "permit_mynetworks",
    "permit_mynetworks",
    "permit_sasl_authenticated",
    "permit_sasl_authenticated",
    "permit_auth_destination",
    "reject_unauth_destination",
    "reject_unauth_destination",
    "defer_unauth_destination",
    "check_relay_domains",
    "permit_tls_all_clientcerts",
    "reject_plaintext_session",
    "reject_unauth_pipelining",
    "reject_non_fqdn_sender",
    "reject_invalid_helo_hostname",
    "reject_sender_login_mismatch",
    "reject_known_sender_login_mismatch",
    "reject_authenticated_sender_login_mismatch",
    "reject_unauthenticated_sender_login_mismatch",
    "reject_unlisted_recipient",
    "REJECT_MULTI_RECIPIENT_BOUNCE",
    "sleep 0",
    "warn_if_reject",
    "warn_if_reject reject",
    "first_class",
    "second_class",
    "misspelt_word",
    "check_client_access",
    "static:DUNNO",
    "check_policy_service",
];

const ASKED: &[&str] = &[
    "check_client_access",
    "check_helo_access",
    "check_sender_access",
    "check_recipient_access",
    "check_sasl_access",
    "check_ccert_access",
    "check_reverse_client_hostname_access",
];

const TABLES: &[&str] = &[
    "static:OK",
    "static:REJECT",
    "static:DEFER",
    "static:DUNNO",
    "static:DISCARD",
    "static:HOLD",
    "static:DEFER_IF_PERMIT",
    "static:{DEFER_IF_REJECT for now}",
    "static:{451 4.7.1 later}",
    "static:{571 never}",
    "static:550",
    "static:first_class",
    "static:{permit_mynetworks, reject}",
    "static:nonsense",
    "inline:{example.test=REJECT}",
    "inline:{{example.test = 450 4.7.1 wait}}",
    "inline:{sender.example.net=DUNNO, elsewhere.invalid=REJECT}",
    "inline:{127.0.0=DUNNO, 10=REJECT, 192.0.2.1=OK}",
    "cidr:{{10.0.0.0/8 REJECT} {0.0.0.0/0 DUNNO}}",
    "cidr:{{!10.0.0.0/8 DEFER}}",
    "cidr:{{if 192.0.2.0/24} {0.0.0.0/0 OK} {endif}}",
    "cidr:{{0.0.0.0/0 permit_sasl_authenticated, defer}}",
    "regexp:{{/./ DUNNO}}",
    "regexp:{{/@example\\.test$$/ REJECT}}",
    "regexp:{{if /@/} {/./ DEFER} {endif}}",
];

const LISTS: &[&str] = &[
    "smtpd_client_restrictions",
    "smtpd_helo_restrictions",
    "smtpd_sender_restrictions",
    "smtpd_recipient_restrictions",
    "smtpd_data_restrictions",
];

const NETWORKS: &[&str] = &[
    "127.0.0.0/8",
    "127.0.0.0/8, 172.16.0.0/12",
    "0.0.0.0/0",
    "!192.0.2.0/24, 127.0.0.0/8",
    "",
    "10.1.2.3/8, 127.0.0.0/8",
    "127.0.0.0/8, 10.1.2.3/8",
    "static:all",
];

/// The options of one port, each `name = value`.
#[must_use]
pub fn port(chance: &mut Chance) -> Vec<(String, String)> {
    let mut options: Vec<(String, String)> = Vec::new();
    let mut set = |name: &str, value: String| options.push((name.to_owned(), value));
    set("smtpd_restriction_classes", "first_class, second_class".to_owned());
    let inner = list(chance, 3)
        .replace("first_class", "permit_mynetworks")
        .replace("second_class", "defer");
    set(
        "second_class",
        if inner.is_empty() {
            "permit_mynetworks".to_owned()
        } else {
            inner
        },
    );
    let outer = list(chance, 3).replace("first_class", "second_class");
    set(
        "first_class",
        if outer.is_empty() {
            "second_class".to_owned()
        } else {
            outer
        },
    );
    for name in LISTS {
        if chance.once_in(2) {
            set(name, list(chance, 4));
        }
    }
    let relay = list(chance, 3);
    set(
        "smtpd_relay_restrictions",
        format!(
            "{relay} {}",
            chance.one(&[
                "reject_unauth_destination",
                "defer",
                "reject",
                "defer_unauth_destination"
            ])
        ),
    );
    if chance.once_in(4) {
        set("smtpd_delay_reject", "no".to_owned());
    }
    if chance.once_in(6) {
        set("soft_bounce", "yes".to_owned());
    }
    if chance.once_in(4) {
        let maps = chance.one(&["inline:{alice@example.test=alice@example.test}", "static:nobody"]);
        set("smtpd_sender_login_maps", maps.to_owned());
    }
    if chance.once_in(2) {
        set("mynetworks", chance.one(NETWORKS).to_owned());
    }
    for code in [
        "reject_code",
        "access_map_reject_code",
        "relay_domains_reject_code",
        "plaintext_reject_code",
        "access_map_defer_code",
    ] {
        if chance.once_in(8) {
            set(code, chance.one(&["521", "550", "450", "421", "200"]).to_owned());
        }
    }
    if chance.once_in(4) {
        set(
            "smtpd_relay_before_recipient_restrictions",
            chance.one(&["yes", "no"]).to_owned(),
        );
    }
    match chance.below(6) {
        0 => set("smtpd_tls_security_level", "none".to_owned()),
        1 => set("smtpd_tls_security_level", "encrypt".to_owned()),
        2 => set("smtpd_tls_wrappermode", "yes".to_owned()),
        3 => set("smtpd_tls_auth_only", "yes".to_owned()),
        _ => {}
    }
    if !chance.once_in(5) {
        set("smtpd_sasl_auth_enable", "yes".to_owned());
    }
    options
}

/// Up to so many words.
fn list(chance: &mut Chance, most: usize) -> String {
    let count = chance.below(most + 1);
    let words: Vec<String> = (0..count)
        .map(|_| {
            if chance.once_in(3) {
                format!("{} {}", chance.one(ASKED), chance.one(TABLES))
            } else {
                // A word that waits for another one, and comes without, is rare.
                let word = chance.one(WORDS);
                if word.starts_with("check_") && word != "check_relay_domains" && !chance.once_in(6) {
                    "permit_mynetworks".to_owned()
                } else {
                    word.to_owned()
                }
            }
        })
        .collect();
    words.join(", ")
}

/// The lines of a port in master.cf, each option in braces.
#[must_use]
pub fn lines(port: u16, options: &[(String, String)]) -> String {
    let mut text = format!("{port} inet n - n - - smtpd\n");
    for (name, value) in options {
        text.push_str(&format!("  -o {{ {name} = {value} }}\n"));
    }
    text
}
