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
    /// Which cipher suites are offered.
    ciphers shares weak {
        null_cipher,
        export_cipher,
        rc4_enabled,
        no_forward_secrecy,
        des_3des_enabled,
        no_aead,
        static_rsa_key_exchange,
        anonymous_cipher_on_submission,
        finite_field_dhe,
        cbc_ciphers_enabled,
        cipher_list_empty_or_invalid,
        overridden_named_cipherlist,
    }
    /// What else is decided about a handshake.
    handshake shares offered {
        weak_dh_parameters,
        weak_or_fixed_curve,
        no_server_preference_with_weak_suites,
        compression_enabled,
        insecure_renegotiation,
        openssl_conf_weakened,
    }
    /// What the server shows for itself.
    certificates shares shown {
        no_certificate_configured,
        self_signed_or_snakeoil,
        hostname_mismatch,
        expired_or_expiring,
        incomplete_chain,
        weak_key_or_signature,
        key_file_permissions,
        deprecated_cert_params,
    }
    /// Who proves what, and over which channel.
    authentication {
        auth_offered_in_clear,
        auth_missing_on_submission,
        auth_not_required_on_submission,
        mynetworks_bypasses_auth,
        anonymous_sasl_allowed,
        weak_or_obsolete_mechanisms,
        plaintext_forbidden_under_tls,
        broken_sasl_auth_clients,
        sender_spoofing_by_authenticated_users,
        sasl_enabled_globally,
        unencrypted_sasl_backend,
    }
    /// Who may send to anywhere.
    relay {
        open_relay,
        trusted_networks_too_wide,
        container_nat_trusted,
        proxy_protocol_unrestricted,
        permit_mx_backup,
        tls_clientcerts_all_relay,
        relay_domains_catchall,
        legacy_compat_level,
    }
    /// Whether the configuration does what it says.
    hardening {
        service_cannot_start,
        delay_reject_locks_out,
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
    migration shares pair {
        port_465_status,
        service_named_smtps,
        server_to_server_on_465,
        submission_policies_differ,
        port_587_not_ready,
        port_465_not_ready,
        no_usage_evidence,
        plaintext_password_rotation_advised,
    }
}
