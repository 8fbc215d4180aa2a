//! The words of restriction lists, and what each of them asks (postconf(5), smtpd_client_restrictions and its kin).

use super::super::super::access::lower;
use super::super::networks::{self, Trust};
use super::super::tables::{self, Known, Subject};
use super::{Access, Next, Unseen, Walk};
use crate::facts::{Actor, Recipient, Stumble};
use crate::version::Version;

impl Walk<'_, '_, '_> {
    pub(super) fn word<'w>(
        &mut self,
        word: &'w str,
        rest: &mut impl Iterator<Item = &'w String>,
        access: Option<Access>,
        depth: usize,
    ) -> Next {
        if word.contains(':') {
            return match access {
                Some(access) => self.table(access, word, depth),
                None => self.stumble(word),
            };
        }
        let name = lower(word);
        let name = name.as_ref();
        let table = match name {
            "check_client_access" => Some(Access::Client),
            "check_reverse_client_hostname_access" => Some(Access::Reverse),
            "check_helo_access" => Some(Access::Helo),
            "check_sender_access" => Some(Access::Sender),
            "check_recipient_access" => Some(Access::Recipient),
            "check_sasl_access" => Some(Access::User),
            _ => None,
        };
        let of_servers = if table.is_none() { self.asked_of_servers(name) } else { None };
        if table.is_some() || of_servers.is_some() {
            let Some(argument) = rest.next().filter(|argument| argument.contains(':')) else { return self.stumble(word) };
            return match table {
                Some(access) => self.table(access, argument, depth),
                None => self.asks_world(of_servers == Some(true)),
            };
        }
        match name {
            "permit" => Next::Permits,
            "reject" => self.refuse_by("reject_code"),
            "defer" => self.refuse_by("defer_code"),
            "defer_if_permit" => self.defers_if_permit(450),
            "defer_if_reject" => self.defers_if_reject(450),
            "permit_mynetworks" => self.permit_networks(),
            "permit_sasl_authenticated" if self.proved => Next::Permits,
            "permit_auth_destination" if self.has_recipient => self.permit_if(self.is_ours()),
            "reject_unauth_destination" if self.has_recipient => self.unauthorised(0),
            "defer_unauth_destination" if self.has_recipient => self.unauthorised(100),
            "check_relay_domains" if self.has_recipient && !self.is_gone() => match self.is_ours() {
                Known::Yes => Next::Permits,
                _ => self.unauthorised(0),
            },
            "permit_mx_backup" if self.has_recipient => match self.is_ours() {
                Known::Yes => Next::Permits,
                // Whoever is asked for mail exchangers may name this server.
                _ => {
                    self.backs_up.get_or_insert(self.list);
                    self.permit_if(Known::Perhaps)
                }
            },
            "permit_inet_interfaces" if self.actor == Actor::Trusted => self.permit_if(Known::Perhaps),
            "permit_dnswl_client" | "permit_rhswl_client" => {
                // Only for mail that would be accepted anyway, as far as relaying goes.
                let listed = rest.next().is_some() && !(self.has_recipient && self.is_ours() == Known::No);
                if listed { self.permit_if(Known::Perhaps) } else { Next::On }
            }
            "reject_plaintext_session" => {
                self.asked_channel = true;
                if self.encrypted { Next::On } else { self.refuse_by("plaintext_reject_code") }
            }
            "check_policy_service" => match rest.next().filter(|service| service.contains(':')) {
                Some(_) => {
                    self.perhaps(Unseen::World, None);
                    self.permit_if(Known::Perhaps)
                }
                None => self.stumble(word),
            },
            "sleep" => match rest.next().filter(|time| !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit())) {
                Some(_) => Next::On,
                None => self.stumble(word),
            },
            "reject_rbl_client" | "reject_rbl" | "reject_rhsbl_client" | "reject_rhsbl_reverse_client" => {
                self.asks_world(rest.next().is_some())
            }
            "reject_rhsbl_helo" => self.asks_world(rest.next().is_some() && self.has_helo),
            "reject_rhsbl_sender" => self.asks_world(rest.next().is_some() && self.has_sender),
            "reject_rhsbl_recipient" => self.asks_world(rest.next().is_some() && self.has_recipient),
            "reject_maps_rbl" if !self.is_gone() => self.asks_world(true),
            // Whoever wants it greets with an address.
            "permit_naked_ip_address" if !self.is_gone() => self.permit_if(Known::from(self.has_helo)),
            "reject_maps_rbl" | "permit_naked_ip_address" => self.stumble(word),
            "check_relay_domains" if self.is_gone() => self.stumble(word),
            "reject_unknown_client_hostname" | "reject_unknown_client" | "reject_unknown_reverse_client_hostname" => {
                self.asks_world(true)
            }
            "reject_unknown_helo_hostname" | "reject_unknown_hostname" => self.asks_world(self.has_helo),
            "reject_unverified_sender" => self.asks_world(self.has_sender),
            "reject_unverified_recipient" => self.asks_world(self.has_recipient),
            "reject_authenticated_sender_login_mismatch" => self.owns_sender(false),
            "reject_unauthenticated_sender_login_mismatch" => self.not_owned(),
            "reject_known_sender_login_mismatch" if self.proved => self.owns_sender(true),
            "reject_known_sender_login_mismatch" => self.not_owned(),
            "reject_sender_login_mismatch" if word == name => match self.owns_sender(false) {
                Next::On => self.not_owned(),
                next => next,
            },
            // The client speaks as it should, comes without a certificate, and names domains and mailboxes that exist.
            "permit_sasl_authenticated"
            | "permit_auth_destination"
            | "reject_unauth_destination"
            | "defer_unauth_destination"
            | "check_relay_domains"
            | "permit_mx_backup"
            | "permit_inet_interfaces"
            | "permit_tls_clientcerts"
            | "permit_tls_all_clientcerts"
            | "reject_unauth_pipelining"
            | "reject_invalid_helo_hostname"
            | "reject_invalid_hostname"
            | "reject_non_fqdn_helo_hostname"
            | "reject_non_fqdn_hostname"
            | "reject_non_fqdn_sender"
            | "reject_non_fqdn_recipient"
            | "reject_unknown_sender_domain"
            | "reject_unknown_address"
            | "reject_unknown_recipient_domain"
            | "reject_unlisted_sender"
            | "reject_unlisted_recipient"
            | "check_recipient_maps"
            | "reject_multi_recipient_bounce" => Next::On,
            _ if self.lists.classes.contains(word) => self.class(word, access, depth),
            _ => self.stumble(word),
        }
    }

    /// Words that were taken out in 3.9: they are errors since.
    fn is_gone(&self) -> bool {
        self.lists.view.since(Version::new(3, 9, 0))
    }

    fn permit_networks(&mut self) -> Next {
        match self.client.trust {
            Trust::Yes => {
                if self.actor != Actor::Trusted {
                    self.also.push("mynetworks");
                }
                Next::Permits
            }
            Trust::No => Next::On,
            Trust::Perhaps => self.permit_if(Known::Perhaps),
            Trust::Fails => {
                self.also.push("mynetworks");
                if let Some((word, meant)) = networks::unreadable(self.lists.view, "mynetworks") {
                    self.stumbles.get_or_insert(("mynetworks", Stumble { word, meant }));
                }
                self.refuse(451, true)
            }
        }
    }

    /// Whether the recipient is one that this server takes mail for.
    fn is_ours(&self) -> Known {
        Known::from(self.recipient == Recipient::Local || self.lists.everywhere.is_some())
    }

    fn unauthorised(&mut self, less: u16) -> Next {
        if let (Recipient::Foreign, Some((setting, _))) = (self.recipient, self.lists.everywhere) {
            self.also.push(setting);
        }
        if self.is_ours() == Known::Yes {
            return Next::On;
        }
        let code = self.code("relay_domains_reject_code");
        self.refuse(code.saturating_sub(less), false)
    }

    /// Something beyond the files may refuse: DNS, lists of clients, other servers.
    fn asks_world(&mut self, asked: bool) -> Next {
        if asked {
            self.perhaps(Unseen::World, None);
        }
        Next::On
    }

    /// Tables that are asked for the servers of a domain, and whether there is one yet: DNS decides, and they may not permit.
    fn asked_of_servers(&self, name: &str) -> Option<bool> {
        let about = name.strip_prefix("check_")?.strip_suffix("_access")?;
        let domain = about.strip_suffix("_ns").or(about.strip_suffix("_mx")).or(about.strip_suffix("_a"));
        match domain.unwrap_or(about) {
            // Nobody comes with a certificate.
            "ccert" | "etrn" if domain.is_none() => Some(false),
            "client" | "reverse_client_hostname" if domain.is_some() => Some(true),
            "helo" if domain.is_some() => Some(self.has_helo),
            "sender" if domain.is_some() => Some(self.has_sender),
            "recipient" if domain.is_some() => Some(self.has_recipient),
            _ => None,
        }
    }

    /// A user who has logged in must own the sender's address, and an ordinary one does where anything is owned.
    fn owns_sender(&mut self, unknown_may_pass: bool) -> Next {
        if !self.lists.has_sasl || !self.proved || !self.has_sender {
            return Next::On;
        }
        let maps = self.lists.view.members("smtpd_sender_login_maps");
        let mut owned = maps.surely.iter().map(|map| tables::owns_nothing(self.lists.view, map));
        let nothing = maps.rest.is_none() && owned.all(|nothing| nothing == Known::Yes);
        if nothing && !(unknown_may_pass && maps.surely.iter().all(|map| !map.starts_with("static:"))) {
            self.also.push("smtpd_sender_login_maps");
            return self.refuse(553, false);
        }
        Next::On
    }

    /// Whoever has not logged in must not use an address that somebody owns.
    fn not_owned(&mut self) -> Next {
        if !self.lists.has_sasl || self.proved || !self.has_sender {
            return Next::On;
        }
        let maps = self.lists.view.members("smtpd_sender_login_maps");
        for map in &maps.surely {
            match tables::holds(self.lists.view, map, &Subject::Elsewhere) {
                Known::Yes => {
                    self.also.push("smtpd_sender_login_maps");
                    return self.refuse(553, false);
                }
                // What was not given lists users of this server.
                Known::Perhaps if map.starts_with("pcre:") || map.starts_with("regexp:") => {
                    self.perhaps(Unseen::Table(map.clone(), Access::Sender), Some(553));
                }
                Known::Perhaps | Known::No => {}
            }
        }
        Next::On
    }
}
