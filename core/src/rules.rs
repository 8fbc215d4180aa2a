//! The rules, by group. A rule is one file with its text beside it, and one line here.

use crate::rule::rules;

rules! {
    /// Which service listens where.
    ports {
        implicit_port_without_wrapper,
        wrapper_on_starttls_port,
        port_25_used_for_submission,
    }
    /// Whether TLS can be avoided.
    enforcement {
        no_tls_on_submission,
        tls_not_required_on_submission,
        tls_required_on_mx,
        mandatory_vs_opportunistic_list_mixup,
        legacy_tls_switches,
    }
    /// Which protocol versions are offered.
    versions shares old_version {
        sslv3_enabled,
        tls10_enabled,
        tls11_enabled,
    }
    /// What the server shows for itself.
    certificates {
        self_signed_or_snakeoil,
    }
    /// Who proves what, and over which channel.
    authentication {
        auth_offered_in_clear,
        auth_not_required_on_submission,
        mynetworks_bypasses_auth,
    }
    /// Who may send to anywhere.
    relay {
        open_relay,
        trusted_networks_too_wide,
        permit_mx_backup,
    }
    /// Whether the configuration does what it says.
    hardening {
        service_cannot_start,
        delay_reject_locks_out,
        undefined_parameter,
        shadowed_setting,
    }
    /// Moving between the two ports.
    migration {
        port_465_status,
    }
}
