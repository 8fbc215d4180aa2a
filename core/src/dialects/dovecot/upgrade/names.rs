//! Names of settings that 2.4 has as 2.3 had them.

use super::super::names;

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
    names::KEPT.split(' ').any(|one| one == name)
}

/// True for a setting of a plugin that is called the same in 2.4.
pub(super) fn is_kept_of_plugin(name: &str) -> bool {
    KEPT_OF_PLUGINS.split(' ').any(|one| one == name)
}

/// True for a plugin that is called the same in 2.4.
pub(super) fn is_plugin(name: &str) -> bool {
    PLUGINS.split(' ').any(|one| one == name)
}
