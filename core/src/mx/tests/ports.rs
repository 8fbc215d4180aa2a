//! What ports show, and what it comes to.

use super::careful;
use crate::facts::Entry;
use crate::finding::Severity;
use crate::mx::dane::tests::{LEAF_KEY, shown};
use crate::mx::port::{Port, Purpose, Reached, Shown, Verdict};
use crate::mx::{Dnssec, Domain, judge};

/// The ports of the careful domain, each as it should be.
fn looked_at() -> Vec<Port> {
    let port = |number, purpose, entry| Port {
        host: "mail.example.org".to_owned(),
        number,
        purpose,
        address: Some([192, 0, 2, 25].into()),
        reached: Reached::Answers,
        why: None,
        entry: Some(entry),
        refused_tls: None,
        chains: vec![Shown {
            trusted: Verdict::Yes,
            ..shown()
        }],
    };
    vec![
        port(25, Purpose::Mx, Entry::Starttls),
        port(465, Purpose::Submissions, Entry::Implicit),
        port(587, Purpose::Submission, Entry::Starttls),
    ]
}

/// What is found and what is asked once port 25, 465 or 587 of the careful domain is changed.
fn at(number: u16, change: impl FnOnce(&mut Domain, &mut Port)) -> (Vec<(&'static str, Severity)>, Vec<String>) {
    let mut domain = careful();
    domain.hosts[0].tlsa[0].records[0].data = LEAF_KEY.to_owned();
    domain.servers[0].tlsa.clear();
    let mut ports = looked_at();
    let port = ports
        .iter_mut()
        .find(|port| port.number == number)
        .expect("it is there");
    change(&mut domain, port);
    domain.ports = Some(ports);
    let judgement = judge(&domain);
    let found = judgement.findings.iter().map(|one| (one.rule.id, one.severity));
    let asked = judgement.open.iter().map(|open| open.command.clone());
    (found.collect(), asked.collect())
}

#[test]
fn what_ports_show_is_judged() {
    use Severity::{High, Medium};
    let found = |number, change: &dyn Fn(&mut Domain, &mut Port)| {
        let (found, asked) = at(number, change);
        assert_eq!(asked, [""; 0]);
        found
    };
    assert_eq!(found(25, &|_, _| {}), []);
    let refused: &dyn Fn(&mut Domain, &mut Port) = &|_, port| port.reached = Reached::Refused;
    assert_eq!(found(465, refused), [("srv-lists-closed-port", High)]);
    let clear: &dyn Fn(&mut Domain, &mut Port) = &|_, port| port.entry = Some(Entry::None);
    assert_eq!(found(25, clear), [("mx-without-starttls", High)]);
    assert_eq!(found(587, clear), [("srv-port-without-tls", High)]);
    let late: &dyn Fn(&mut Domain, &mut Port) = &|_, port| port.entry = Some(Entry::Starttls);
    assert_eq!(found(465, late), [("srv-port-without-tls", High)]);
    let not_now: &dyn Fn(&mut Domain, &mut Port) = &|_, port| port.refused_tls = Some("454 not now".to_owned());
    assert_eq!(found(25, not_now), [("mx-without-starttls", High)]);
    let nobody_asks: &dyn Fn(&mut Domain, &mut Port) = &|domain, port| {
        domain.hosts[0].tlsa[0].dnssec = Dnssec::Unknown;
        domain.policy.body = domain.policy.body.take().map(|body| body.replace("mail.", "*.mail."));
        port.entry = Some(Entry::None);
    };
    assert!(found(25, nobody_asks).contains(&("mx-without-starttls", Medium)));
    let other: &dyn Fn(&mut Domain, &mut Port) = &|domain, port| {
        domain.submissions.records[0].target = "smtp.example.org".to_owned();
        domain.autoconfig.clear();
        port.host = "smtp.example.org".to_owned();
    };
    assert_eq!(found(465, other), [("srv-target-cert-mismatch", High)]);
    let wrong: &dyn Fn(&mut Domain, &mut Port) = &|domain, _| domain.hosts[0].tlsa[0].records[0].data = "00".repeat(32);
    assert_eq!(found(25, wrong), [("dane-bad", High)]);
    let perhaps: &dyn Fn(&mut Domain, &mut Port) = &|domain, port| {
        wrong(domain, port);
        domain.hosts[0].tlsa[0].dnssec = Dnssec::Unknown;
    };
    assert_eq!(found(25, perhaps), [("dane-bad", Medium)]);
    let unsigned: &dyn Fn(&mut Domain, &mut Port) = &|domain, port| {
        wrong(domain, port);
        domain.hosts[0].tlsa[0].dnssec = Dnssec::Insecure;
    };
    assert_eq!(
        found(25, unsigned),
        [("dane-bad", Medium)],
        "once, for what is not signed"
    );
    let strange: &dyn Fn(&mut Domain, &mut Port) =
        &|_, port| port.chains[0].trusted = Verdict::No("it is for another name".to_owned());
    assert_eq!(found(25, strange), [("mta-sts-mx-certificate", High)]);
    let twice: &dyn Fn(&mut Domain, &mut Port) = &|domain, port| {
        strange(domain, port);
        port.chains.push(port.chains[0].clone());
    };
    assert_eq!(
        found(25, twice),
        found(25, strange),
        "the keys are of two kinds, and the fault is one"
    );
    assert_eq!(
        found(587, strange),
        [],
        "a policy of MTA-STS is about mail between servers"
    );
    let on_trial: &dyn Fn(&mut Domain, &mut Port) = &|domain, port| {
        strange(domain, port);
        domain.policy.body = domain.policy.body.take().map(|body| body.replace("enforce", "testing"));
    };
    assert_eq!(found(25, on_trial)[0], ("mta-sts-mx-certificate", Medium));
    let at_users: &dyn Fn(&mut Domain, &mut Port) = &|domain, _| {
        let mut tlsa = domain.hosts[0].tlsa[0].clone();
        tlsa.name = "_587._tcp.mail.example.org".to_owned();
        tlsa.records[0].data = "00".repeat(32);
        domain.servers[0].tlsa = vec![tlsa];
    };
    assert_eq!(found(587, at_users), [("dane-bad", High)]);
}

#[test]
fn what_ports_do_not_show_is_asked() {
    let asked = |number, change: &dyn Fn(&mut Domain, &mut Port)| {
        let (found, asked) = at(number, change);
        assert_eq!(found, []);
        let [command] = asked.as_slice() else {
            panic!("{asked:?}")
        };
        command.clone()
    };
    let with = "openssl s_client -starttls smtp -connect mail.example.org:25 -servername mail.example.org -showcerts";
    for reached in [Reached::Refused, Reached::Failed] {
        assert_eq!(asked(25, &|_, port| port.reached = reached), with, "{reached:?}");
    }
    let late = asked(465, &|_, port| (port.reached, port.entry) = (Reached::Failed, None));
    assert_eq!(
        late,
        "openssl s_client -connect mail.example.org:465 -servername mail.example.org -showcerts"
    );
    assert_eq!(asked(25, &|_, port| port.entry = None), with);
    assert_eq!(asked(25, &|_, port| port.chains.clear()), with);
    asked(587, &|_, port| port.chains[0].der[0].truncate(100));
    let untold = asked(25, &|_, port| {
        port.chains[0].trusted = Verdict::Unknown("nobody is trusted".to_owned())
    });
    assert!(untold.ends_with("-verify_hostname mail.example.org"), "{untold}");
    let whole = asked(25, &|domain, _| {
        let record = &mut domain.hosts[0].tlsa[0].records[0];
        (record.usage, record.matching, record.data) = (2, 0, "30".to_owned());
    });
    assert!(
        whole.ends_with("-dane_tlsa_domain mail.example.org -dane_tlsa_rrdata '2 1 0 30'"),
        "{whole}"
    );
}
