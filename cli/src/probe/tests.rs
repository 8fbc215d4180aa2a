//! Peers that do everything but what they should: each look comes to an end, and to a sentence.

mod peer;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use smtplint_core::facts::{Channel, Entry, Outcome, Recipient, TlsVersion};
use smtplint_core::observed;

use super::{Begins, Extent, Recipients, Seen, Wanted, look};
use peer::{Peer, Stack};

/// How long one connection may take where it comes to an end by itself: the machine may have other work.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long where nothing else ends it.
const HASTE: Duration = Duration::from_millis(400);

fn wanted(peer: &Peer) -> Wanted {
    Wanted {
        host: "mail.example.org".to_owned(),
        port: peer.port,
        addresses: vec![[127, 0, 0, 1].into()],
        begins: Begins::Untold,
        extent: Extent::Whole,
        patience: PATIENCE,
        connections: 3,
        role: None,
        relay_test: None,
        aggressive: false,
    }
}

fn recipients(with_mailbox: bool) -> Recipients {
    Recipients {
        foreign: "nobody@example.net".to_owned(),
        mailbox: with_mailbox.then(|| "alice@example.org".to_owned()),
    }
}

fn at(peer: &Peer) -> Seen {
    within(&wanted(peer))
}

/// A look that takes no longer than it may.
fn within(wanted: &Wanted) -> Seen {
    let begin = Instant::now();
    let seen = look(wanted).expect("whatever a server does was seen");
    let took = begin.elapsed();
    // Tests share the machine with others: what counts is that there is an end.
    assert!(took < wanted.patience * 6 + Duration::from_secs(10), "it took {took:?}");
    // Whatever was seen can be judged.
    let report = observed::judge(&seen.observation, &smtplint_core::Options::default());
    assert_eq!(report.server.listeners.len(), 1);
    seen
}

fn hastily(peer: &Peer) -> Seen {
    within(&Wanted {
        patience: HASTE,
        ..wanted(peer)
    })
}

fn dead(peer: &Peer) -> String {
    at(peer).observation.dead.expect("nobody is served")
}

/// The sentence about a peer that lets the time pass.
fn late(peer: &Peer) -> String {
    hastily(peer).observation.dead.expect("nobody is served")
}

#[test]
fn nobody_is_there() {
    let peer = Peer::new(|_| {});
    let port = peer.port;
    drop(peer);
    let seen = look(&Wanted {
        port,
        ..wanted(&Peer::new(|_| {}))
    });
    let why = seen.expect("seen").observation.dead.expect("dead");
    assert!(why.starts_with("no connection: "), "{why}");
}

#[test]
fn silence() {
    assert_eq!(late(&Peer::new(|talk| talk.wait())), "no answer within 0.4 seconds");
}

#[test]
fn a_byte_now_and_then() {
    let peer = Peer::new(|talk| {
        while talk.send(b"2") {
            talk.pause(50)
        }
    });
    assert_eq!(late(&peer), "no answer within 0.4 seconds");
}

#[test]
fn lines_without_an_end() {
    let peer = Peer::new(|talk| while talk.send(b"220-welcome\r\n") {});
    assert_eq!(dead(&peer), "it sends without an end");
}

#[test]
fn a_line_without_an_end() {
    let peer = Peer::new(|talk| while talk.send(&[b'2'; 4096]) {});
    assert_eq!(dead(&peer), "it sends without an end");
    let peer = Peer::new(|talk| while talk.send(&[0x1b; 4096]) {});
    assert_eq!(
        dead(&peer),
        format!("what comes is no SMTP: it begins with `{}`", r"\x1b".repeat(24))
    );
}

#[test]
fn something_else() {
    let peer = Peer::new(|talk| {
        talk.send(b"SSH-2.0-OpenSSH_9.2\r\n");
        talk.wait();
    });
    assert_eq!(
        dead(&peer),
        "what comes is no SMTP: it begins with `SSH-2.0-OpenSSH_9.2`"
    );
}

#[test]
fn hanging_up() {
    assert_eq!(dead(&Peer::new(|_| {})), "the connection was closed without an answer");
    // It says nothing more, and still listens.
    let peer = Peer::new(|talk| {
        talk.send_no_more();
        talk.wait();
    });
    assert_eq!(dead(&peer), "the connection was closed without an answer");
    let peer = Peer::new(|talk| {
        talk.send(b"220 mail.exa");
    });
    assert_eq!(dead(&peer), "what comes is no SMTP: it begins with `220 mail.exa`");
}

#[test]
fn a_greeting_that_is_no_welcome() {
    let peer = Peer::new(|talk| {
        talk.send(b"421 4.3.2 too many `connections`\r\n");
        talk.wait();
    });
    assert_eq!(dead(&peer), "it answers `421 4.3.2 too many 'connections'`");
}

#[test]
fn nothing_is_said_before_the_greeting_and_nothing_ahead_of_its_turn() {
    let peer = Peer::new(|talk| {
        talk.pause(100);
        assert_eq!(talk.come(), b"", "before the greeting");
        talk.send(b"220-mail.example.org\r\n");
        talk.pause(50);
        assert_eq!(talk.come(), b"", "in the middle of it");
        talk.send(b"220 ready\r\n");
        assert_eq!(talk.line(), "EHLO client.example.org");
        talk.send(b"250-mail.example.org\r\n250 AUTH PLAIN\r\n");
        assert_eq!(talk.line(), "QUIT");
    });
    let seen = at(&peer);
    assert_eq!(seen.observation.entry, Some(Entry::None));
    assert_eq!(seen.observation.clear.expect("an answer").mechanisms, ["PLAIN"]);
    assert_eq!(peer.stop(), 1, "one connection");
}

#[test]
fn a_device_that_writes_over_words() {
    let peer = Peer::new(|talk| {
        talk.send(b"220 ****************************\r\n");
        talk.line();
        talk.send(b"250-mail.example.org\r\n250-XXXXXXXA\r\n250 8BITMIME\r\n");
        talk.line();
    });
    let seen = at(&peer);
    assert_eq!(seen.observation.entry, Some(Entry::None));
    assert!(
        seen.notes[0].starts_with("a device on the way writes X over words"),
        "{:?}",
        seen.notes
    );
}

#[test]
fn starttls_that_is_refused() {
    let peer = Peer::new(|talk| {
        if talk.answers_starttls(b"454 4.7.0 TLS not available due to local problem\r\n") {
            talk.line();
        }
    });
    let seen = at(&peer);
    assert_eq!(
        (seen.observation.entry, seen.observation.works),
        (Some(Entry::Starttls), Some(false))
    );
    assert_eq!(
        seen.notes,
        ["STARTTLS is announced and then answered with `454 4.7.0 TLS not available due to local problem`"]
    );
}

#[test]
fn tls_that_never_comes() {
    for bytes in [
        &b""[..],
        b"\x16\x03",
        b"\x16\x03\x03\x40\x00",
        b"garbage!",
        b"\x16\x03\x03\xff\xff",
    ] {
        let peer = Peer::new(move |talk| {
            if talk.answers_starttls(b"220 go ahead\r\n") {
                talk.send(bytes);
                talk.wait();
            }
        });
        let seen = hastily(&peer);
        assert_eq!(seen.observation.works, None, "{bytes:?}");
        assert!(!seen.notes.is_empty() || seen.observation.dead.is_some(), "{bytes:?}");
    }
}

#[test]
fn records_without_an_end() {
    // A server hello that announces more than anybody sends, and then empty records, or warnings.
    for record in [
        &b"\x16\x03\x03\x00\x04\x02\xff\xff\xff"[..],
        b"\x16\x03\x03\x00\x00",
        b"\x15\x03\x03\x00\x02\x01\x70",
    ] {
        let peer = Peer::new(move |talk| {
            if talk.answers_starttls(b"220 go ahead\r\n") {
                while talk.send(record) {}
            }
        });
        let seen = at(&peer);
        assert_eq!(seen.observation.works, None, "{record:?}");
    }
}

#[test]
fn hanging_up_at_every_handshake_is_a_refusal() {
    let peer = Peer::new(|talk| {
        talk.answers_starttls(b"220 go ahead\r\n");
    });
    let seen = at(&peer);
    assert_eq!(seen.observation.works, Some(false));
}

/// A server that chooses suites, and never comes to an end of the handshake.
fn stack(peer_chooses: Stack) -> Seen {
    let peer = Peer::new(move |talk| {
        if talk.answers_starttls(b"220 go ahead\r\n") {
            peer_chooses.answer(talk);
        }
    });
    at(&peer)
}

#[test]
fn suites_are_struck_out_one_by_one() {
    let suites: &[u16] = &[0x0035, 0x002F, 0xC013, 0x000A, 0x0004];
    for own_order in [true, false] {
        let seen = stack(Stack {
            versions: &[0x0300, 0x0301],
            suites,
            own_order,
        });
        let of = |version| {
            seen.observation
                .versions
                .iter()
                .find(|one| one.version == version)
                .expect("asked for")
        };
        for version in [
            TlsVersion::Ssl2,
            TlsVersion::Tls11,
            TlsVersion::Tls12,
            TlsVersion::Tls13,
        ] {
            assert_eq!(of(version).offered, Some(false), "{version}");
        }
        let tls = of(TlsVersion::Tls10);
        let ids = |chosen: &[&'static smtplint_core::tls::Suite]| chosen.iter().map(|one| one.id).collect::<Vec<_>>();
        let mut chosen = ids(&tls.suites);
        if own_order {
            // In parts; within each in the server's order.
            assert_eq!(chosen, [0xC013, 0x0035, 0x002F, 0x000A, 0x0004]);
        }
        chosen.sort_unstable();
        assert_eq!(chosen, [0x0004, 0x000A, 0x002F, 0x0035, 0xC013]);
        assert_eq!(
            (tls.own_order, tls.is_whole, tls.offered),
            (Some(own_order), true, Some(true))
        );
        // Some take suites with curves in SSL 3.0 as well.
        let mut old = ids(&of(TlsVersion::Ssl3).suites);
        old.sort_unstable();
        assert_eq!(old, chosen);
        assert_eq!(seen.observation.works, Some(true));
        assert_eq!(seen.observation.inside, None, "no library speaks it any more");
    }
}

#[test]
fn ssl2_is_heard() {
    let peer = Peer::new(|talk| {
        if talk.answers_starttls(b"220 go ahead\r\n") {
            let first = talk.some();
            if first.first().is_some_and(|byte| byte & 0x80 != 0) {
                talk.send(b"\x80\x20\x04\x00\x01\x00\x02");
            } else {
                talk.send(b"\x15\x03\x00\x00\x02\x02\x28");
            }
        }
    });
    let seen = at(&peer);
    let spoken = seen.observation.versions.iter().filter(|one| one.offered == Some(true));
    assert_eq!(spoken.map(|one| one.version).collect::<Vec<_>>(), [TlsVersion::Ssl2]);
}

#[test]
fn relaying_is_tried_without_a_message() {
    let peer = Peer::new(|talk| {
        talk.send(b"220 mail.example.org\r\n");
        loop {
            let line = talk.line();
            let answer: &[u8] = match line.split(' ').next().unwrap_or("") {
                "EHLO" => b"250 mail.example.org\r\n",
                "MAIL" => b"250 ok\r\n",
                "RCPT" if line.contains("alice") => b"250 ok\r\n",
                "RCPT" => b"554 5.7.1 Relay access denied\r\n",
                "QUIT" | "" => break,
                other => panic!("it says {other}"),
            };
            talk.send(answer);
        }
    });
    let seen = within(&Wanted {
        relay_test: Some(recipients(true)),
        ..wanted(&peer)
    });
    let stage = smtplint_core::facts::Stage::Rcpt;
    assert_eq!(
        seen.observation.recipients,
        [
            (
                Channel::Clear,
                Recipient::Foreign,
                Outcome::Refused { stage, code: 554 }
            ),
            (Channel::Clear, Recipient::Local, Outcome::Accepted),
        ]
    );
    assert_eq!(seen.observation.required, Some(false));
}

#[test]
fn no_more_connections_at_a_time_than_are_wanted() {
    for connections in [1, 2] {
        let (waiting, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (now, peak) = (Arc::clone(&waiting), Arc::clone(&most));
        let peer = Peer::new(move |talk| {
            if talk.answers_starttls(b"220 go ahead\r\n") && !talk.some().is_empty() {
                // Whoever has no answer yet is still there.
                peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                talk.pause(5);
                now.fetch_sub(1, Ordering::SeqCst);
                talk.send(b"\x15\x03\x01\x00\x02\x02\x28");
            }
        });
        within(&Wanted {
            connections,
            ..wanted(&peer)
        });
        let most = most.load(Ordering::SeqCst);
        assert!((1..=connections).contains(&most), "{most} for {connections}");
        assert_eq!(waiting.load(Ordering::SeqCst), 0);
    }
}

/// Three hundred peers that mix what is right with what is not.
#[test]
fn three_hundred_peers_at_random() {
    let patience = Duration::from_millis(120);
    let looks = |seeds: std::ops::Range<u64>| {
        for seed in seeds {
            let peer = Peer::new(move |talk| peer::random(talk, seed));
            let mut wanted = wanted(&peer);
            wanted.patience = patience;
            wanted.aggressive = seed % 3 == 0;
            wanted.relay_test = (seed % 2 == 0).then(|| recipients(seed % 4 == 0));
            within(&wanted);
        }
    };
    std::thread::scope(|scope| {
        for part in 0..20 {
            scope.spawn(move || looks(part * 15..(part + 1) * 15));
        }
    });
}
