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
        sslv2_enabled,
        sslv3_enabled,
        tls10_enabled,
        tls11_enabled,
        tls12_disabled,
        tls13_disabled,
        min_version_syntax_too_new,
        contradictory_protocol_range,
        inclusion_list_protocols,
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
        parameter_typo_or_unused,
        smtp_smuggling,
        unauth_pipelining_allowed,
        banner_discloses_version,
        vrfy_expn_enabled,
        tls_not_logged,
        tls_loglevel_too_high,
        service_name_in_log_missing,
        mua_overrides_inherit_mx_checks,
        end_of_life_version,
    }
    /// Moving between the two ports.
    migration {
        port_465_status,
    }
}
