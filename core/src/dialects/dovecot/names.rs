//! The names of settings.

use crate::nearest::{nearest_within, of_a_slip};

/// Settings of 2.3.19 whose name and kind of value 2.4.1 takes. Source: each was put before `doveconf` of 2.4.1 with the value that
/// 2.3.19 has for it by default.
pub(super) const KEPT: &str = "\
    postmaster_address imapc_max_line_length auth_anonymous_username auth_cache_negative_ttl auth_cache_size auth_cache_ttl auth_cache_verify_password_with_worker auth_debug \
    auth_debug_passwords auth_failure_delay auth_gssapi_hostname auth_krb5_keytab auth_master_user_separator auth_mechanisms \
    auth_policy_check_after_auth auth_policy_check_before_auth auth_policy_hash_mech auth_policy_hash_nonce auth_policy_hash_truncate \
    auth_policy_log_only auth_policy_reject_on_fail auth_policy_report_after_auth auth_policy_server_api_header auth_policy_server_url \
    auth_proxy_self auth_realms auth_socket_path auth_ssl_require_client_cert auth_ssl_username_from_cert auth_use_winbind \
    auth_username_chars auth_username_format auth_username_translation auth_verbose auth_verbose_passwords auth_winbind_helper_path \
    base_dir debug_log_path default_client_limit default_internal_group default_internal_user default_login_user default_process_limit \
    default_vsz_limit deliver_log_format dotlock_use_excl doveadm_allowed_commands doveadm_api_key doveadm_password doveadm_port \
    doveadm_socket_path doveadm_ssl doveadm_username doveadm_worker_count dsync_alt_char dsync_commit_msgs_interval dsync_features \
    dsync_remote_cmd first_valid_gid first_valid_uid haproxy_timeout haproxy_trusted_networks hostname imap_client_workarounds \
    imap_fetch_failure imap_hibernate_timeout imap_id_retain imap_idle_notify_interval imap_literal_minus imap_logout_format \
    imap_max_line_length imap_metadata imap_urlauth_host imap_urlauth_logout_format imap_urlauth_port imapc_cmd_timeout \
    imapc_connection_retry_count imapc_connection_retry_interval imapc_features imapc_host imapc_list_prefix imapc_master_user \
    imapc_max_idle_time imapc_password imapc_port imapc_rawlog_dir imapc_sasl_mechanisms imapc_ssl imapc_user info_log_path \
    instance_name last_valid_gid last_valid_uid lda_mailbox_autocreate lda_mailbox_autosubscribe lda_original_recipient_header \
    libexec_dir listen lmtp_add_received_header lmtp_client_workarounds lmtp_hdr_delivery_address lmtp_proxy lmtp_proxy_rawlog_dir \
    lmtp_rawlog_dir lmtp_rcpt_check_quota lmtp_save_to_detail_mailbox lmtp_verbose_replies lock_method log_core_filter log_debug \
    log_path log_timestamp login_greeting login_log_format login_log_format_elements login_plugin_dir login_plugins \
    login_proxy_max_disconnect_delay login_proxy_max_reconnects login_proxy_notify_path login_proxy_rawlog_dir login_proxy_timeout \
    login_source_ips login_trusted_networks mail_access_groups mail_always_cache_fields mail_attachment_detection_options \
    mail_cache_fields mail_chroot mail_debug mail_fsync mail_full_filesystem_access mail_gid mail_home mail_log_prefix \
    mail_max_keyword_length mail_max_lock_timeout mail_max_userip_connections mail_never_cache_fields mail_nfs_index mail_nfs_storage \
    mail_plugin_dir mail_prefetch_count mail_privileged_group mail_save_crlf mail_server_admin mail_server_comment \
    mail_shared_explicit_inbox mail_sort_max_read_count mail_temp_dir mail_temp_scan_interval mail_uid mail_vsize_bg_after_count \
    mailbox_idle_check_interval mailbox_list_index mailbox_list_index_include_inbox mailbox_list_index_very_dirty_syncs \
    maildir_broken_filename_sizes maildir_copy_with_hardlinks maildir_empty_new maildir_stat_dirs maildir_very_dirty_syncs \
    mbox_dirty_syncs mbox_dotlock_change_timeout mbox_lazy_writes mbox_lock_timeout mbox_md5 mbox_min_index_size mbox_read_locks \
    mbox_very_dirty_syncs mbox_write_locks mdbox_preallocate_space mdbox_rotate_interval mdbox_rotate_size mmap_disable \
    pop3_client_workarounds pop3_delete_type pop3_deleted_flag pop3_enable_last pop3_fast_size_lookups pop3_lock_session \
    pop3_logout_format pop3_no_flag_updates pop3_reuse_xuidl pop3_save_uidl pop3_uidl_duplicates pop3c_features pop3c_host \
    pop3c_master_user pop3c_password pop3c_port pop3c_quick_received_date pop3c_rawlog_dir pop3c_ssl pop3c_ssl_verify pop3c_user \
    process_shutdown_filter quota_full_tempfail rawlog_dir recipient_delimiter rejection_reason rejection_subject sendmail_path \
    shutdown_clients ssl ssl_cipher_list ssl_cipher_suites ssl_client_ca_dir ssl_client_ca_file ssl_client_require_valid_cert \
    ssl_crypto_device ssl_curve_list ssl_min_protocol state_dir stats_writer_socket_path submission_client_workarounds submission_host \
    submission_logout_format submission_max_mail_size submission_max_recipients submission_relay_command_timeout \
    submission_relay_connect_timeout submission_relay_host submission_relay_master_user submission_relay_max_idle_time \
    submission_relay_password submission_relay_port submission_relay_rawlog_dir submission_relay_ssl submission_relay_ssl_verify \
    submission_relay_trusted submission_relay_user submission_ssl submission_timeout syslog_facility valid_chroot_dirs \
    verbose_proctitle version_ignore";

/// The others that 2.3 knows outside of sections. Source: what `doveconf -a` of 2.3.13 and 2.3.19 prints, and what their `doveconf` takes
/// of the names in `src/config/old-set-parser.c` and in the settings of each program of 2.0 to 2.3.21.
const OTHERS: &str = "\
    auth_chroot auth_count auth_default_realm auth_executable auth_policy_request_attributes auth_policy_server_timeout_msecs \
    auth_process_size auth_stats auth_user auth_worker_max_count config_cache_size dbox_rotate_days dbox_rotate_min_size \
    dbox_rotate_size default_idle_kill dict dict_db_config director_consistent_hashing director_flush_socket director_mail_servers \
    director_max_parallel_kicks director_max_parallel_moves director_output_buffer_size director_ping_idle_timeout \
    director_ping_max_timeout director_servers director_user_expire director_user_kick_delay director_username_hash \
    disable_plaintext_auth doveadm_http_rawlog_dir doveadm_proxy_port dsync_hashed_headers fsync_disable imap_capability \
    imap_id_log imap_id_send imap_urlauth_stream_user imap_urlauth_submit_user imapc_ssl_verify import_environment \
    lmtp_user_concurrency_limit login_access_sockets login_chroot login_dir login_executable login_max_connections \
    login_max_processes_count login_process_per_connection login_process_size login_processes_count login_user mail \
    mail_attachment_dir mail_attachment_fs mail_attachment_hash mail_attachment_min_size mail_attribute_dict \
    mail_cache_compress_continued_percentage mail_cache_compress_delete_percentage mail_cache_compress_header_continue_count \
    mail_cache_compress_min_size mail_cache_max_size mail_cache_min_mail_count mail_cache_purge_continued_percentage \
    mail_cache_purge_delete_percentage mail_cache_purge_header_continue_count mail_cache_purge_min_size mail_cache_record_max_size \
    mail_cache_unaccessed_field_drop mail_drop_priv_before_exec mail_executable mail_index_log2_max_age \
    mail_index_log_rotate_max_size mail_index_log_rotate_min_age mail_index_log_rotate_min_size mail_index_rewrite_max_log_bytes \
    mail_index_rewrite_min_log_bytes mail_location mail_log_max_lines_per_sec mail_plugins mail_process_size \
    maildir_copy_preserve_filename managesieve_client_workarounds managesieve_implementation_string managesieve_logout_format \
    managesieve_max_compile_errors managesieve_max_line_length managesieve_notify_capability managesieve_sieve_capability \
    master_user_separator max_mail_processes namespace old_stats_carbon_interval old_stats_carbon_name old_stats_carbon_server \
    old_stats_command_min_time old_stats_domain_min_time old_stats_ip_min_time old_stats_memory_limit old_stats_session_min_time \
    old_stats_user_min_time passdb plugin pop3_uidl_format protocols replication_dsync_parameters replication_full_sync_interval \
    replication_max_conns replicator_host replicator_port service sieve sieve_storage ssl_alt_cert ssl_alt_key ssl_ca ssl_ca_file \
    ssl_cert ssl_cert_file ssl_cert_username_field ssl_client_cert ssl_client_key ssl_dh ssl_dh_parameters_length ssl_disable \
    ssl_key ssl_key_file ssl_key_password ssl_listen ssl_options ssl_parameters_regenerate ssl_prefer_server_ciphers ssl_protocols \
    ssl_require_crl ssl_verify_client_cert stats_http_rawlog_dir submission_backend_capabilities userdb verbose_ssl";

/// The sections of 2.3 that take known names alone, with these. Source: `doveconf -a` of 2.3.13 and 2.3.19.
const SECTIONS: &[(&str, &str)] = &[
    ("service", "name protocol type executable user group privileged_group extra_groups chroot drop_priv_before_exec process_min_avail process_limit client_limit service_count idle_kill vsz_limit"),
    ("inet_listener", "name address port ssl reuse_port haproxy"),
    ("unix_listener", "path mode user group"),
    ("fifo_listener", "path mode user group"),
    ("passdb", "name driver args default_fields override_fields mechanisms username_filter skip result_failure result_success result_internalfail deny pass master auth_verbose"),
    ("userdb", "name driver args default_fields override_fields skip result_failure result_success result_internalfail auth_verbose"),
    ("namespace", "name type separator prefix location alias_for inbox hidden list subscriptions ignore_on_failure disabled order"),
    ("mailbox", "name auto special_use driver comment autoexpunge autoexpunge_max_mails"),
];

/// Sections that hold what may stand outside of them as well.
const FILTERS: [&str; 4] = ["protocol", "local", "remote", "local_name"];

/// What releases from 2.0 on knew, and 2.3.13 and 2.3.19 know no more, or not outside of one section, and names of the
/// files that tell where LDAP is (`src/auth/db-ldap.c`). Source: as above.
const OLDER: &str = "\
    alias_for auth auth_dest_service base_dn categories client connect description director_doveadm_port dns_client event_name \
    exporter exporter_include exporters field fields fifo_listeners filter filter_iter format format_args group_by imap \
    imap_zlib_compress_level imapc_ssl_ca_dir imaps inet_listeners lmtp_address_translate login mailbox_list_index_disable \
    mailboxes managesieve mdbox_altmove mdbox_max_open_files mdbox_purge_min_percentage mdbox_purge_preserve_alt mdbox_rotate_days \
    mdbox_rotate_min_size metric_name metrics namespaces old_stats_type passdbs path pattern pop3 pop3c_ssl_ca_dir pop3s private \
    public scope services shared size socket source_location ssl_parameters_file stats_carbon_interval stats_carbon_name \
    stats_carbon_server stats_command_min_time stats_domain_min_time stats_ip_min_time stats_memory_limit stats_session_min_time \
    stats_type stats_user_min_time tls_ca_cert_dir tls_ca_cert_file tls_cert_file tls_cipher_suite tls_key_file tls_require_cert \
    transport transport_args transport_timeout unix_listener unix_listeners userdbs username_attribute username_field \
    value_attribute value_field value_hexblob value_type verbose_auth";

/// The setting of 2.3 that a name was meant for which no release from 2.0 to 2.3 has, in the sections of these kinds: it differs in
/// two letters at most, and in a short name in one. `None` where nothing is that near, as it may then come with a module that others
/// have made; for every name that some release has anywhere; and in sections that take any name, as a plugin does. No setting of 2.4
/// is that near to one of 2.3.
pub(super) fn meant<'a>(name: &str, mut sections: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    let outside = || KEPT.split(' ').chain(OTHERS.split(' '));
    let inside = || SECTIONS.iter().flat_map(|(_, names)| names.split(' '));
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let mut last = None;
    let are_known = sections.all(|kind| {
        last = SECTIONS.iter().find(|(one, _)| *one == kind);
        last.is_some() || FILTERS.contains(&kind)
    });
    if !is_plain || !are_known || outside().chain(inside()).chain(OLDER.split(' ')).any(|one| one == name) {
        return None;
    }
    match last {
        Some((_, names)) => nearest_within(name, of_a_slip(name), names.split(' ')),
        None => nearest_within(name, of_a_slip(name), outside()),
    }
}
