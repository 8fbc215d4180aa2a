//! A certificate whose time is over, or nearly.

use super::shown;
use crate::certificate::{Certificate, day};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, rfc, rule};

rule! {
    "expired-or-expiring", "expired_or_expiring.md", High,
    gain: Impersonation,
    sources: [rfc(8314, "4.4"), rfc(5280, "4.1.2.5")],
    supersedes: [],
    check
}

const DAY: i64 = 86_400;

/// Renewal by program comes earlier than this; who renews by hand needs the time.
const SOON: i64 = 14 * DAY;

fn check(context: &Context<'_>, sink: &mut Sink) {
    let Some(now) = context.server.now else { return sink.not_applicable("the time is not known") };
    shown::each(context, sink, |listener, chain, sink| {
        let Some((own, others)) = chain.certificates.split_first() else { return };
        let said = |one: &Certificate, whose: &str| judge(one, now).map(|(severity, what)| (severity, format!("{whose} {what}")));
        // An authority's own certificate further up is often there in several forms, of which clients take a valid one.
        let issuer = others.iter().find(|one| one.subject == own.issuer && !one.is_self_issued());
        let worst = said(own, "which").or_else(|| said(issuer?, "whose issuer's certificate"));
        if let Some((severity, what)) = worst {
            let message = format!("{{listener}} shows {}, {what}", chain.spoken());
            let draft = Draft::on(listener, message).severity(shown::severity(listener, severity));
            sink.report(draft.because(&listener.tls.certificate));
        }
    });
}

fn judge(one: &Certificate, now: i64) -> Option<(Severity, String)> {
    let left = one.not_after - now;
    if left < 0 {
        return Some((Severity::High, format!("expired on {}", day(one.not_after))));
    }
    if one.not_before > now {
        return Some((Severity::High, format!("is not valid before {}", day(one.not_before))));
    }
    // One that is made for a few days is renewed within them.
    let soon = SOON.min((one.not_after - one.not_before) / 3);
    (left < soon).then(|| (Severity::Medium, format!("expires on {}", day(one.not_after))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::{Object, read};

    fn judged(pem: &str, now: i64) -> Option<String> {
        let Some(Object::Certificate(one)) = read(pem).into_iter().next() else { panic!("no certificate") };
        judge(&one, now).map(|(severity, what)| format!("{} {what}", severity.word()))
    }

    #[test]
    fn time_runs_from_too_early_to_too_late() {
        let ninety_days = include_str!("../../../tests/certificates/expiring.pem");
        let from = 1_788_393_600;
        for (days, said) in [
            (-1, Some("high is not valid before 2026-09-03")),
            (0, None),
            (76, None),
            (77, Some("medium expires on 2026-12-02")),
            (90, Some("medium expires on 2026-12-02")),
            (91, Some("high expired on 2026-12-02")),
        ] {
            let now = from + days * DAY + i64::from(days == 77) - i64::from(days == 90);
            assert_eq!(judged(ninety_days, now).as_deref(), said, "day {days}");
        }
    }

    #[test]
    fn a_week_is_short_from_its_last_third_on() {
        let week = include_str!("../../../tests/certificates/week.pem");
        let from = 1_795_219_200;
        assert_eq!(judged(week, from + 4 * DAY), None);
        assert_eq!(judged(week, from + 5 * DAY).as_deref(), Some("medium expires on 2026-11-28"));
    }
}
