//! Tables in restriction lists, and what their lines make smtpd do (access(5)).

use std::rc::Rc;

use super::super::super::config::split_list;
use super::super::tables::{self, Answer, Subject};
use super::{Access, DEEPEST, Next, Unseen, Walk};
use crate::facts::{Actor, Recipient};

impl Walk<'_, '_, '_> {
    /// Looks the client up in a table, and does what stands there.
    pub(super) fn table(&mut self, access: Access, table: &str, depth: usize) -> Next {
        let subject = match access {
            Access::Client | Access::Reverse => Subject::Client(self.client.origin),
            Access::Helo if self.has_helo => Subject::Helo,
            Access::Sender if self.has_sender && self.actor == Actor::Authenticated => Subject::Here(self.lists.domain()),
            Access::Sender if self.has_sender => Subject::Elsewhere,
            Access::Recipient if self.has_recipient && self.recipient == Recipient::Local => {
                Subject::Here(self.lists.domain())
            }
            Access::Recipient if self.has_recipient => Subject::Elsewhere,
            Access::User if self.proved && self.lists.has_sasl => Subject::User,
            _ => return Next::On,
        };
        let key = format!("{} {table}", access as u8);
        let answer = match self.known.get(&key).and_then(|at| self.answers.get(at)) {
            Some(answer) => Rc::clone(answer),
            None => {
                let answer = Rc::new(tables::look_up(self.lists.view, table, &subject));
                self.known.put(&key, self.answers.len());
                self.answers.push(Rc::clone(&answer));
                answer
            }
        };
        let Answer::Hits { hits, chosen } = answer.as_ref() else {
            let unseen = Unseen::Table(table.to_owned(), access);
            self.perhaps(unseen.clone(), None);
            if access != Access::Reverse {
                self.may_permit.get_or_insert(unseen);
            }
            return Next::On;
        };
        for hit in hits {
            if hit.sure {
                let could_permit = self.may_permit.is_some();
                let next = self.act(&hit.value, depth);
                // A name that only DNS vouches for must not open anything.
                return match next {
                    Next::Permits if access == Access::Reverse && !self.discarded => self.server_error(),
                    _ => {
                        if access == Access::Reverse && self.may_permit.is_some() != could_permit {
                            self.perhaps(Unseen::World, None);
                        }
                        next
                    }
                };
            }
            let unseen = Unseen::Table(table.to_owned(), access);
            if is_permission(&hit.value) {
                self.may_permit.get_or_insert(unseen);
            } else if !is_harmless(&hit.value) {
                self.perhaps(unseen.clone(), None);
                if !is_refusal(&hit.value) {
                    self.may_permit.get_or_insert(unseen);
                }
            }
        }
        // Whoever knows the table calls itself as it wants.
        if self.actor == Actor::Stranger && access != Access::Recipient && chosen.iter().any(|value| is_permission(value)) {
            self.may_permit.get_or_insert(Unseen::Chosen(table.to_owned()));
        }
        Next::On
    }

    /// What a line of an access table makes smtpd do (`check_table_result`).
    fn act(&mut self, value: &str, depth: usize) -> Next {
        let (command, text) = value.split_once([' ', '\t']).unwrap_or((value, ""));
        let text = text.trim_start();
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match command.to_ascii_uppercase().as_str() {
            "REJECT" => self.refuse_by("access_map_reject_code"),
            "DEFER" => self.refuse_by("access_map_defer_code"),
            "DEFER_IF_PERMIT" => {
                let code = self.code("access_map_defer_code");
                self.defers_if_permit(code)
            }
            "DEFER_IF_REJECT" => {
                let code = self.code("access_map_defer_code");
                self.defers_if_reject(code)
            }
            "OK" | "RELAY" => Next::Permits,
            // Thrown away, and accepted as far as the client can tell. Before there is a sender it is skipped.
            "DISCARD" if self.has_sender && self.lists.view.known("smtpd_proxy_filter").is_some_and(|value| value.text.is_empty()) => {
                self.discarded = true;
                Next::Permits
            }
            "HANGUP" => self.refuse(0, true),
            _ if is_harmless(value) => Next::On,
            _ if digits(value) => Next::Permits,
            code if code.len() == 3 && digits(code) && code.starts_with(['4', '5']) && !text.is_empty() => {
                self.refuse(code.parse().unwrap_or(0), false)
            }
            _ if value.contains(':') || depth >= DEEPEST => self.server_error(),
            "" => Next::Permits,
            _ => {
                let words = split_list(value);
                self.words(&words, self.alone, depth + 1)
            }
        }
    }
}

/// True for a line of a table that accepts.
fn is_permission(value: &str) -> bool {
    let command = value.split([' ', '\t']).next().unwrap_or("");
    let number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    ["OK", "RELAY", "DISCARD"].iter().any(|one| command.eq_ignore_ascii_case(one)) || number || value.is_empty()
}

/// True for a line of a table that refuses, and lets nobody pass.
fn is_refusal(value: &str) -> bool {
    let command = value.split([' ', '\t']).next().unwrap_or("");
    ["REJECT", "DEFER"].iter().any(|one| command.eq_ignore_ascii_case(one))
}

/// True for a line of a table that decides nothing about the client.
fn is_harmless(value: &str) -> bool {
    let command = value.split([' ', '\t']).next().unwrap_or("");
    let all = ["DUNNO", "INFO", "WARN", "FILTER", "HOLD", "REDIRECT", "BCC", "PREPEND", "DISCARD"];
    all.iter().any(|one| command.eq_ignore_ascii_case(one))
}
