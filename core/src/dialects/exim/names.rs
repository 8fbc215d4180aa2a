//! The names of options.

use crate::nearest::{nearest_within, of_a_slip};

/// Options of the server. Source: `optionlist_config` of `readconf.c` in every release from 4.80 to 4.99, whatever a build leaves out.
const OF_SERVER: &str = "\
    accept_8bitmime acl_not_smtp acl_not_smtp_mime acl_not_smtp_start acl_smtp_atrn acl_smtp_auth acl_smtp_connect acl_smtp_data \
    acl_smtp_data_prdr acl_smtp_dkim acl_smtp_etrn acl_smtp_expn acl_smtp_helo acl_smtp_mail acl_smtp_mailauth acl_smtp_mime \
    acl_smtp_notquit acl_smtp_predata acl_smtp_quit acl_smtp_rcpt acl_smtp_starttls acl_smtp_vrfy acl_smtp_wellknown \
    add_environment admin_groups allow_domain_literals allow_insecure_tainted_data allow_mx_to_ip allow_utf8_domains \
    auth_advertise_hosts auto_thaw av_scanner bi_command bmi_config_file bounce_message_file bounce_message_text \
    bounce_return_body bounce_return_linesize_limit bounce_return_message bounce_return_size_limit bounce_sender_authentication \
    callout_domain_negative_expire callout_domain_positive_expire callout_negative_expire callout_positive_expire \
    callout_random_local_part check_log_inodes check_log_space check_rfc2047_length check_spool_inodes check_spool_space \
    chunking_advertise_hosts commandline_checks_require_admin daemon_smtp_port daemon_smtp_ports daemon_startup_retries \
    daemon_startup_sleep dcc_direct_add_header dccifd_address dccifd_options debug_store delay_warning delay_warning_condition \
    deliver_drop_privilege deliver_queue_load_max delivery_date_remove disable_fsync disable_ipv6 dkim_verify_hashes \
    dkim_verify_keytypes dkim_verify_min_keysizes dkim_verify_minimal dkim_verify_signers dmarc_forensic_sender dmarc_history_file \
    dmarc_tld_file dns_again_means_nonexist dns_check_names_pattern dns_cname_loops dns_csa_search_limit dns_csa_use_reverse \
    dns_dnssec_ok dns_ipv4_lookup dns_retrans dns_retry dns_trust_aa dns_use_edns0 drop_cr dsn_advertise_hosts dsn_from \
    envelope_to_remove errors_copy errors_reply_to event_action exim_group exim_path exim_user exim_version extra_local_interfaces \
    extract_addresses_remove_arguments finduser_retries freeze_tell gecos_name gecos_pattern gnutls_allow_auto_pkcs11 \
    gnutls_compat_mode gnutls_require_kx gnutls_require_mac gnutls_require_protocols header_line_maxsize header_maxsize \
    headers_charset helo_accept_junk_hosts helo_allow_chars helo_lookup_domains helo_try_verify_hosts helo_verify_hosts \
    hold_domains host_lookup host_lookup_order host_reject_connection hosts_connection_nolog hosts_proxy hosts_require_alpn \
    hosts_require_helo hosts_treat_as_local hosts_xclient ibase_servers ignore_bounce_errors_after ignore_fromline_hosts \
    ignore_fromline_local keep_environment keep_malformed ldap_ca_cert_dir ldap_ca_cert_file ldap_cert_file ldap_cert_key \
    ldap_cipher_suite ldap_default_servers ldap_require_cert ldap_start_tls ldap_version limits_advertise_hosts local_from_check \
    local_from_prefix local_from_suffix local_interfaces local_scan_timeout local_sender_retain localhost_number log_file_path \
    log_ports log_selector log_timezone lookup_open_max max_username_length message_body_newlines message_body_visible \
    message_id_header_domain message_id_header_text message_logs message_size_limit move_frozen_messages mua_wrapper mysql_servers \
    never_users notifier_socket openssl_options oracle_servers panic_coredump percent_hack_domains perl_at_start perl_startup \
    perl_taintmode pgsql_servers pid_file_path pipelining_advertise_hosts pipelining_connect_advertise_hosts prdr_enable \
    preserve_message_logs primary_hostname print_topbitchars process_log_path prod_requires_admin proxy_protocol_timeout \
    proxy_required_hosts qualify_domain qualify_recipient queue_domains queue_fast_ramp queue_list_requires_admin queue_only \
    queue_only_file queue_only_load queue_only_load_latch queue_only_override queue_run_in_order queue_run_max queue_smtp_domains \
    receive_timeout received_header_text received_headers_max recipient_unqualified_hosts recipients_max recipients_max_reject \
    redis_servers remote_max_parallel remote_sort_domains retry_data_expire retry_interval_max return_path_remove \
    return_size_limit rfc1413_hosts rfc1413_port rfc1413_query_timeout sender_unqualified_hosts slow_lookup_log \
    smtp_accept_keepalive smtp_accept_max smtp_accept_max_nonmail smtp_accept_max_nonmail_hosts smtp_accept_max_per_connection \
    smtp_accept_max_per_host smtp_accept_queue smtp_accept_queue_per_connection smtp_accept_reserve smtp_active_hostname \
    smtp_backlog_monitor smtp_banner smtp_check_spool_space smtp_connect_backlog smtp_enforce_sync smtp_etrn_command \
    smtp_etrn_serialize smtp_load_reserve smtp_max_synprot_errors smtp_max_unknown_commands smtp_ratelimit_hosts \
    smtp_ratelimit_mail smtp_ratelimit_rcpt smtp_receive_timeout smtp_reserve_hosts smtp_return_error_details \
    smtputf8_advertise_hosts spamd_address spf_guess spf_smtp_comment_template split_spool_directory spool_directory \
    spool_wireformat sqlite_dbfile sqlite_lock_timeout srs_config srs_hashlength srs_hashmin srs_maxage srs_secrets srs_usehash \
    srs_usetimestamp strict_acl_vars strip_excess_angle_brackets strip_trailing_dot syslog_duplication syslog_facility syslog_pid \
    syslog_processname syslog_timestamp system_filter system_filter_directory_transport system_filter_file_transport \
    system_filter_group system_filter_pipe_transport system_filter_reply_transport system_filter_user tcp_nodelay \
    tcp_wrappers_daemon_name timeout_frozen_after timezone tls_advertise_hosts tls_advertise_requiretls tls_alpn tls_certificate \
    tls_crl tls_dh_max_bits tls_dhparam tls_early_banner_hosts tls_eccurve tls_ocsp_file tls_on_connect_ports tls_privatekey \
    tls_remember_esmtp tls_require_ciphers tls_resumption_hosts tls_try_verify_hosts tls_verify_certificates tls_verify_hosts \
    trusted_groups trusted_users unknown_login unknown_username untrusted_set_sender uucp_from_pattern uucp_from_sender \
    warn_message_file wellknown_advertise_hosts write_rejectlog";

/// Options of routers, transports and authenticators. Source: the lists of each driver in the same releases.
const OF_DRIVERS: &str = "\
    address_data address_retry_include_sender address_test allow_commands allow_defer allow_fail allow_fifo allow_filter \
    allow_freeze allow_localhost allow_symlink arc_sign authenticated_sender authenticated_sender_force batch_id batch_max bcc \
    bmi_deliver_alternate bmi_deliver_default bmi_dont_deliver bmi_rule body_only cannot_route_message caseful_local_part cc \
    check_ancestor check_group check_local_user check_owner check_secondary_mx check_srv check_string client_authz \
    client_channelbinding client_condition client_domain client_ignore_invalid_base64 client_name client_password client_secret \
    client_send client_set_id client_spassword client_username command command_group command_timeout command_user condition \
    connect_timeout connection_max_messages create_directory create_file current_directory dane_require_tls_ciphers data \
    data_timeout debug_print delay_after_cutoff delivery_date_add directory directory_file directory_mode directory_transport \
    disable_logging dkim_canon dkim_domain dkim_hash dkim_identity dkim_private_key dkim_selector dkim_sign_headers dkim_strict \
    dkim_timestamps dns_qualify_single dns_search_parents dnssec_request_domains dnssec_require_domains domains driver dscp \
    dsn_lasthop envelope_to_add environment errors_to escape_string event_action expn fail_defer_domains fail_verify \
    fail_verify_recipient fail_verify_sender fallback_hosts file file_expand file_format file_must_exist file_optional \
    file_transport filter_prepend_home final_timeout forbid_blackhole forbid_exim_filter forbid_file forbid_filter_dlfunc \
    forbid_filter_existstest forbid_filter_logwrite forbid_filter_lookup forbid_filter_perl forbid_filter_readfile \
    forbid_filter_readsocket forbid_filter_reply forbid_filter_run forbid_include forbid_pipe forbid_sieve_filter forbid_smtp_code \
    force_command freeze_exec_fail freeze_signal from gethostbyname gnutls_require_kx gnutls_require_mac gnutls_require_protocols \
    group headers headers_add headers_only headers_remove headers_rewrite helo_data hide_child_in_errmsg home_directory \
    host_all_ignored host_find_failed host_name_extract hosts hosts_avoid_esmtp hosts_avoid_pipelining hosts_avoid_tls \
    hosts_max_try hosts_max_try_hardlimit hosts_nopass_tls hosts_noproxy_tls hosts_override hosts_pipe_connect hosts_randomize \
    hosts_request_ocsp hosts_require_alpn hosts_require_auth hosts_require_dane hosts_require_ocsp hosts_require_tls \
    hosts_try_auth hosts_try_chunking hosts_try_dane hosts_try_fastopen hosts_try_prdr hosts_verify_avoid_tls ignore_eacces \
    ignore_enotdir ignore_quota ignore_status ignore_target_hosts include_directory initgroups interface ipv4_only ipv4_prefer \
    keepalive lmtp_ignore_quota local_part_prefix local_part_prefix_optional local_part_suffix local_part_suffix_optional \
    local_parts lock_fcntl_timeout lock_flock_timeout lock_interval lock_retries lockfile_mode lockfile_timeout log log_as_local \
    log_defer_output log_fail_output log_output mailbox_filecount mailbox_size maildir_format maildir_quota_directory_regex \
    maildir_retries maildir_tag maildir_use_size_file maildirfolder_create_regex mailstore_format mailstore_prefix \
    mailstore_suffix max_output max_parallel max_rcpt mbx_format message_linelength_limit message_prefix message_size_limit \
    message_suffix mode mode_fail_narrower modemask more multi_domain mx_domains mx_fail_domains never_mail notify_comsat once \
    once_file_size once_repeat one_time optional owners owngroups pass_on_timeout pass_router path permit_coredump pipe_as_creator \
    pipe_transport port protocol public_name qualify_domain qualify_preserve_domain qualify_single query quota quota_directory \
    quota_filecount quota_is_inclusive quota_size_regex quota_warn_message quota_warn_threshold rcpt_include_affixes \
    redirect_router repeat_use reply_to reply_transport require_files reroute response_pattern restrict_to_path \
    retry_include_ip_address retry_use_local_part return_fail_output return_message return_output return_path return_path_add \
    rewrite rewrite_headers route_data route_list router_home_directory same_domain_copy_routing search_parents self senders \
    serialize_hosts server_advertise_condition server_channelbinding server_condition server_debug_print server_hostname \
    server_key server_keytab server_mail_auth_condition server_mech server_param server_param1 server_param2 server_param3 \
    server_password server_prompts server_realm server_scram_iter server_scram_salt server_secret server_service server_set_id \
    server_skey server_socket set shadow_condition shadow_transport sieve_enotify_mailto_owner sieve_inbox sieve_subaddress \
    sieve_useraddress sieve_vacation_directory size_addition skip_syntax_errors socket socks_proxy srs srs_alias srs_condition \
    srs_dbinsert srs_dbselect srv_fail_domains subject syntax_errors_text syntax_errors_to temp_errors text timeout timeout_defer \
    tls_alpn tls_certificate tls_crl tls_dh_min_bits tls_privatekey tls_require_ciphers tls_resumption_hosts tls_sni \
    tls_tempfail_tryclear tls_try_verify_hosts tls_verify_cert_hostnames tls_verify_certificates tls_verify_hosts to \
    tpda_delivery_action translate_ip_address transport transport_current_directory transport_filter transport_filter_timeout \
    transport_home_directory umask unseen use_bsmtp use_classresources use_crlf use_fcntl_lock use_flock_lock use_lockfile \
    use_mbx_lock use_shell user utf8_downconvert verify verify_only verify_recipient verify_sender widen_domains";

/// Conditions and modifiers of access control lists. Source: `acl.c` of the same releases.
const OF_LISTS: &str = "\
    acl add_header atrn_domains authenticated bmi_optin condition continue control dcc decode delay demime dkim_signers dkim_status \
    dmarc_status dnslists domains encrypted endpass hosts local_parts log_message log_reject_target logwrite malware message \
    mime_regex queue ratelimit recipients regex remove_header seen sender_domains senders set spam spf spf_guess udpsend verify";

/// The option of the server that a name was meant for which no release from 4.80 to 4.99 has: it differs in two letters at most, and in
/// a short name in one. `None` where nothing is that near, as the build may have options of its own.
pub(super) fn meant_of_server(name: &str) -> Option<&'static str> {
    meant(name, OF_SERVER)
}

/// The same of a router, a transport or an authenticator; the driver there may be another one than has that option.
pub(super) fn meant_of_driver(name: &str) -> Option<&'static str> {
    meant(name, OF_DRIVERS)
}

/// The same of a condition or a modifier of an access control list.
pub(super) fn meant_of_list(name: &str) -> Option<&'static str> {
    meant(name, OF_LISTS)
}

fn meant(name: &str, known: &'static str) -> Option<&'static str> {
    if known.split(' ').any(|one| one == name) {
        return None;
    }
    nearest_within(name, of_a_slip(name), known.split(' '))
}
