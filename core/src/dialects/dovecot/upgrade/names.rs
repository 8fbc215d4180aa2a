//! Names of settings that 2.4 has as 2.3 had them.

/// Settings of 2.3.19 whose name and kind of value 2.4.1 takes. Source: each was put before `doveconf` of 2.4.1 with the value that
/// 2.3.19 has for it by default.
const KEPT: &str = "\
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

/// The same of what stood in `plugin { }`. Source: `doveconf -d` of 2.4.1 and of its Pigeonhole.
const KEPT_OF_PLUGINS: &str = "\
    acl_cache_ttl acl_defaults_from_inbox acl_globals_only acl_groups acl_ignore acl_user fts_autoindex fts_message_max_size \
    imapsieve_expunge_discarded imapsieve_url last_login_key last_login_precision mail_log_cached_only mail_log_events mail_log_fields \
    quota_exceeded_message quota_full_tempfail quota_status_nouser quota_status_overquota quota_status_success quota_status_toolarge \
    sieve_duplicate_default_period sieve_duplicate_max_period sieve_execute_bin_dir sieve_execute_exec_timeout sieve_execute_input_eol \
    sieve_execute_socket_dir sieve_filter_bin_dir sieve_filter_exec_timeout sieve_filter_input_eol sieve_filter_socket_dir \
    sieve_implicit_extensions sieve_include_max_includes sieve_include_max_nesting_depth sieve_max_actions sieve_max_cpu_time \
    sieve_max_redirects sieve_max_script_size sieve_notify_mailto_envelope_from sieve_pipe_bin_dir sieve_pipe_exec_timeout \
    sieve_pipe_input_eol sieve_pipe_socket_dir sieve_plugins sieve_redirect_duplicate_period sieve_redirect_envelope_from \
    sieve_spamtest_status_header sieve_spamtest_status_type sieve_trace_addresses sieve_trace_debug sieve_trace_dir sieve_trace_level \
    sieve_user_email sieve_vacation_default_period sieve_vacation_max_period sieve_vacation_min_period \
    sieve_vacation_send_from_recipient sieve_vacation_to_header_ignore_envelope sieve_vacation_use_original_recipient \
    sieve_virustest_status_header sieve_virustest_status_type";

/// The plugins that both releases have under one name. Source: the modules that Debian 13 has of 2.4.1.
const PLUGINS: &str = "\
    acl imap_acl apparmor charset_alias fts last_login lazy_expunge mail_crypt mail_crypt_acl mail_log mail_lua notify notify_status \
    pop3_migration push_notification push_notification_lua quota imap_quota quota_clone sieve imap_sieve imap_filter_sieve trash virtual \
    welcome fts_flatcurve fts_solr";

/// True for a setting outside of `plugin { }` that is called the same in 2.4.
pub(super) fn is_kept(name: &str) -> bool {
    KEPT.split(' ').any(|one| one == name)
}

/// True for a setting of a plugin that is called the same in 2.4.
pub(super) fn is_kept_of_plugin(name: &str) -> bool {
    KEPT_OF_PLUGINS.split(' ').any(|one| one == name)
}

/// True for a plugin that is called the same in 2.4.
pub(super) fn is_plugin(name: &str) -> bool {
    PLUGINS.split(' ').any(|one| one == name)
}
