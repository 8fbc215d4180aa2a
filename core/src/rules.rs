//! The rules, by group. A rule is one file with its text beside it, and one line here.

use crate::rule::rules;

rules! {
    /// Which service listens where.
    ports shares other_port {
        implicit_port_without_wrapper,
        wrapper_on_starttls_port,
        port_25_used_for_submission,
        no_submission_service,
        implicit_tls_not_offered,
        starttls_submission_not_offered,
        alternate_submission_port,
        duplicate_or_shadowed_service,
        front_proxy_terminates_tls,
    }
    /// Whether TLS can be avoided.
    enforcement {
        no_tls_on_submission,
        tls_not_required_on_submission,
        tls_required_on_mx,
        mandatory_vs_opportunistic_list_mixup,
        legacy_tls_switches,
        no_opportunistic_tls_on_mx,
        starttls_advertised_without_certificate,
        starttls_suppressed,
        outbound_smarthost_tls_not_required,
        starttls_injection_exposed_version,
        client_certificate_requested_needlessly,
        opportunistic_client_guidance,
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
    }
    /// Who may send to anywhere.
    relay {
        trusted_networks_too_wide,
    }
    /// Whether the configuration does what it says.
    hardening {
        service_cannot_start,
        undefined_parameter,
        shadowed_setting,
    }
    /// Moving between the two ports.
    migration {
        port_465_status,
    }
}
