CREATE TABLE `agents` (
	`id` text PRIMARY KEY NOT NULL,
	`org_id` text,
	`key_id` text NOT NULL,
	`shared` integer NOT NULL,
	`name` text NOT NULL,
	`labels` text NOT NULL,
	`command` text,
	`registered_at` integer NOT NULL,
	`last_heartbeat_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `agents_heartbeat` ON `agents` (`last_heartbeat_at`);--> statement-breakpoint
CREATE INDEX `agents_name` ON `agents` (`name`,`registered_at`);--> statement-breakpoint
CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`org_id` text,
	`role` text NOT NULL,
	`name` text NOT NULL,
	`hash` text NOT NULL,
	`shared` integer NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`revoked_at` integer,
	`last_used_at` integer,
	`trust_policy_id` text,
	`workflow` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_hash` ON `api_keys` (`hash`);--> statement-breakpoint
CREATE INDEX `api_keys_org` ON `api_keys` (`org_id`) WHERE trust_policy_id is null;--> statement-breakpoint
CREATE INDEX `api_keys_sessions` ON `api_keys` (`org_id`) WHERE trust_policy_id is not null;--> statement-breakpoint
CREATE INDEX `api_keys_policy` ON `api_keys` (`trust_policy_id`) WHERE trust_policy_id is not null;--> statement-breakpoint
CREATE INDEX `api_keys_session_expiry` ON `api_keys` (`expires_at`) WHERE trust_policy_id is not null;--> statement-breakpoint
CREATE TABLE `app_versions` (
	`org_id` text NOT NULL,
	`id` text NOT NULL,
	`sha256` text NOT NULL,
	`platform` text NOT NULL,
	`file_name` text NOT NULL,
	`size_bytes` integer NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `id`)
);
--> statement-breakpoint
CREATE TABLE `approvals` (
	`host` text NOT NULL,
	`repository_id` integer NOT NULL,
	`head_sha` text NOT NULL,
	`approved_by` text,
	`approved_at` integer,
	PRIMARY KEY(`host`, `repository_id`, `head_sha`)
);
--> statement-breakpoint
CREATE TABLE `attempts` (
	`job_id` text NOT NULL,
	`number` integer NOT NULL,
	`agent` text NOT NULL,
	`device` text NOT NULL,
	`lease_id` text NOT NULL,
	`outcome` text NOT NULL,
	`started_at` integer,
	`ended_at` integer NOT NULL,
	`duration_ms` integer NOT NULL,
	`install` text,
	`counts` text NOT NULL,
	`errors` text NOT NULL,
	`tests` text NOT NULL,
	`result_hash` text,
	PRIMARY KEY(`job_id`, `number`)
);
--> statement-breakpoint
CREATE TABLE `blobs` (
	`org_id` text NOT NULL,
	`sha256` text NOT NULL,
	`size_bytes` integer NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `sha256`)
);
--> statement-breakpoint
CREATE TABLE `check_lanes` (
	`host` text NOT NULL,
	`owner` text NOT NULL,
	`installation_id` integer,
	`not_before` integer NOT NULL,
	`failures` integer NOT NULL,
	`lease_token` text,
	`lease_expires_at` integer,
	PRIMARY KEY(`host`, `owner`)
);
--> statement-breakpoint
CREATE TABLE `check_runs` (
	`run_id` text PRIMARY KEY NOT NULL,
	`host` text NOT NULL,
	`owner` text NOT NULL,
	`repository` text NOT NULL,
	`repository_id` integer NOT NULL,
	`head_sha` text NOT NULL,
	`name` text NOT NULL,
	`external_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`remote_id` integer,
	`remote_completed` integer NOT NULL,
	`state` text NOT NULL,
	`urgency` integer NOT NULL,
	`due_at` integer,
	`not_before` integer NOT NULL,
	`attempts` integer NOT NULL,
	`generation` integer NOT NULL,
	`uncertain` integer NOT NULL,
	`taken_at` integer,
	`published_hash` text,
	`annotations_sent` integer NOT NULL,
	`last_error` text
);
--> statement-breakpoint
CREATE INDEX `check_runs_due` ON `check_runs` (`host`,`due_at`) WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX `check_runs_lane` ON `check_runs` (`host`,`owner`,`urgency`,`due_at`) WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX `check_runs_unmade` ON `check_runs` (`host`,`repository_id`,`head_sha`,`name`,`created_at`) WHERE remote_id is null and due_at is not null;--> statement-breakpoint
CREATE INDEX `check_runs_unpostable` ON `check_runs` (`host`,`owner`) WHERE state = 'unpostable';--> statement-breakpoint
CREATE TABLE `deliveries` (
	`host` text NOT NULL,
	`guid` text NOT NULL,
	`event` text NOT NULL,
	`action` text,
	`installation_id` integer,
	`payload` text,
	`status` text NOT NULL,
	`attempts` integer NOT NULL,
	`next_attempt_at` integer NOT NULL,
	`received_at` integer NOT NULL,
	`processed_at` integer,
	`note` text,
	PRIMARY KEY(`host`, `guid`)
);
--> statement-breakpoint
CREATE INDEX `deliveries_due` ON `deliveries` (`next_attempt_at`) WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX `deliveries_failed` ON `deliveries` (`processed_at`) WHERE status = 'failed';--> statement-breakpoint
CREATE INDEX `deliveries_ended` ON `deliveries` (`processed_at`) WHERE processed_at is not null;--> statement-breakpoint
CREATE TABLE `devices` (
	`agent_id` text NOT NULL,
	`id` text NOT NULL,
	`target` text NOT NULL,
	`platform` text NOT NULL,
	`model` text,
	`os_version` text,
	`labels` text NOT NULL,
	`state` text NOT NULL,
	`state_reason` text,
	`state_changed_at` integer NOT NULL,
	`installed` text,
	`last_group_id` text,
	`turn_started_at` integer,
	`helped_at` integer,
	`nothing_of_group_id` text,
	`suspicion` text NOT NULL,
	`suspect_until` integer,
	PRIMARY KEY(`agent_id`, `id`)
);
--> statement-breakpoint
CREATE TABLE `durations` (
	`org_id` text NOT NULL,
	`test_path` text NOT NULL,
	`target` text NOT NULL,
	`platform` text NOT NULL,
	`median_ms` integer NOT NULL,
	`seen` integer NOT NULL,
	`passed_app_version_id` text,
	PRIMARY KEY(`org_id`, `test_path`, `target`, `platform`)
);
--> statement-breakpoint
CREATE TABLE `events` (
	`seq` integer PRIMARY KEY NOT NULL,
	`run_id` text NOT NULL,
	`version` integer NOT NULL,
	`type` text NOT NULL,
	`data` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `events_run` ON `events` (`run_id`,`version`);--> statement-breakpoint
CREATE TABLE `flaky_tests` (
	`org_id` text NOT NULL,
	`test_path` text NOT NULL,
	`target` text NOT NULL,
	`title_hash` text NOT NULL,
	`title_path` text NOT NULL,
	`score` integer NOT NULL,
	`at_attempt` integer NOT NULL,
	`seen_at` integer NOT NULL,
	PRIMARY KEY(`org_id`, `test_path`, `target`, `title_hash`)
);
--> statement-breakpoint
CREATE INDEX `flaky_tests_seen` ON `flaky_tests` (`seen_at`);--> statement-breakpoint
CREATE TABLE `github_apps` (
	`host` text PRIMARY KEY NOT NULL,
	`web_url` text NOT NULL,
	`api_url` text NOT NULL,
	`app_id` integer NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`client_id` text NOT NULL,
	`registered_at` integer NOT NULL,
	`reopened_until` integer,
	`sealed_private_key` text NOT NULL,
	`sealed_webhook_secret` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `github_setups` (
	`state_hash` text PRIMARY KEY NOT NULL,
	`browser_hash` text NOT NULL,
	`key_id` text NOT NULL,
	`host` text NOT NULL,
	`web_url` text NOT NULL,
	`api_url` text NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `github_setups_expiry` ON `github_setups` (`expires_at`);--> statement-breakpoint
CREATE TABLE `groups` (
	`id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`app_version_id` text NOT NULL,
	`target` text NOT NULL,
	`devices` text NOT NULL,
	`queued` integer NOT NULL,
	`active` integer NOT NULL,
	`work_ms` integer NOT NULL,
	`head_rank` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `groups_waiting` ON `groups` (`target`) WHERE queued > 0;--> statement-breakpoint
CREATE INDEX `groups_org` ON `groups` (`org_id`) WHERE queued > 0 or active > 0;--> statement-breakpoint
CREATE TABLE `idempotency_keys` (
	`scope` text NOT NULL,
	`key` text NOT NULL,
	`request_hash` text NOT NULL,
	`answer` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`scope`, `key`)
);
--> statement-breakpoint
CREATE TABLE `install_times` (
	`org_id` text NOT NULL,
	`app_version_id` text NOT NULL,
	`target` text NOT NULL,
	`median_ms` integer NOT NULL,
	`seen` integer NOT NULL,
	PRIMARY KEY(`org_id`, `app_version_id`, `target`)
);
--> statement-breakpoint
CREATE TABLE `installations` (
	`host` text NOT NULL,
	`id` integer NOT NULL,
	`account` text NOT NULL,
	`state` text NOT NULL,
	`changed_at` integer NOT NULL,
	PRIMARY KEY(`host`, `id`)
);
--> statement-breakpoint
CREATE TABLE `jobs` (
	`seq` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`run_id` text NOT NULL,
	`org_id` text NOT NULL,
	`repository_id` integer,
	`position` integer NOT NULL,
	`group_id` text NOT NULL,
	`app_version_id` text NOT NULL,
	`test_path` text NOT NULL,
	`target` text NOT NULL,
	`priority` integer NOT NULL,
	`status` text NOT NULL,
	`conclusion` text,
	`reason` text,
	`reason_code` text,
	`cancel_requested` integer NOT NULL,
	`carried_from` text,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`enqueued_at` integer NOT NULL,
	`rank` integer NOT NULL,
	`estimate_ms` integer NOT NULL,
	`started_at` integer,
	`completed_at` integer,
	`lease_id` text,
	`attempt_started_at` integer,
	`attempts` integer NOT NULL,
	`test_failures` integer NOT NULL,
	`infra_failures` integer NOT NULL,
	`install_failures` integer NOT NULL,
	`timeouts` integer NOT NULL,
	`losses` integer NOT NULL,
	`failed_on` text NOT NULL,
	`counts` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_id` ON `jobs` (`id`);--> statement-breakpoint
CREATE INDEX `jobs_run` ON `jobs` (`run_id`);--> statement-breakpoint
CREATE INDEX `jobs_org` ON `jobs` (`org_id`,`seq`);--> statement-breakpoint
CREATE INDEX `jobs_queue` ON `jobs` (`group_id`,`rank`,`seq`) WHERE status = 'queued';--> statement-breakpoint
CREATE INDEX `jobs_lease` ON `jobs` (`lease_id`) WHERE lease_id is not null;--> statement-breakpoint
CREATE TABLE `leases` (
	`id` text PRIMARY KEY NOT NULL,
	`token` text NOT NULL,
	`agent_id` text NOT NULL,
	`agent_name` text NOT NULL,
	`device_id` text NOT NULL,
	`group_id` text NOT NULL,
	`org_id` text NOT NULL,
	`app_version_id` text NOT NULL,
	`status` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`ended_at` integer,
	`install` text,
	`install_attributed` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `leases_expiry` ON `leases` (`expires_at`) WHERE status = 'active';--> statement-breakpoint
CREATE INDEX `leases_device` ON `leases` (`agent_id`,`device_id`) WHERE status = 'active';--> statement-breakpoint
CREATE TABLE `orgs` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`created_at` integer NOT NULL,
	`max_queued_jobs` integer,
	`max_active_jobs` integer,
	`weight` real NOT NULL,
	`usage_ms` real NOT NULL
);
--> statement-breakpoint
CREATE TABLE `quarantines` (
	`id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`repository_id` integer NOT NULL,
	`test_path` text NOT NULL,
	`title_path` text NOT NULL,
	`until` integer NOT NULL,
	`by` text NOT NULL,
	`from_run_id` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `quarantines_repository` ON `quarantines` (`org_id`,`repository_id`);--> statement-breakpoint
CREATE INDEX `quarantines_end` ON `quarantines` (`until`);--> statement-breakpoint
CREATE TABLE `removed_repositories` (
	`host` text NOT NULL,
	`repository_id` integer NOT NULL,
	`removed_at` integer NOT NULL,
	PRIMARY KEY(`host`, `repository_id`)
);
--> statement-breakpoint
CREATE TABLE `runs` (
	`seq` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`org_id` text NOT NULL,
	`app_version_id` text NOT NULL,
	`target` text NOT NULL,
	`priority` integer NOT NULL,
	`project` text,
	`devices` text NOT NULL,
	`status` text NOT NULL,
	`conclusion` text,
	`reason` text,
	`version` integer NOT NULL,
	`attempt` integer NOT NULL,
	`retry_of` text,
	`created_at` integer NOT NULL,
	`started_at` integer,
	`completed_at` integer,
	`test_retries` integer NOT NULL,
	`infra_retries` integer NOT NULL,
	`timeout_seconds` integer NOT NULL,
	`reset` text NOT NULL,
	`bundle_sha256` text,
	`queue_timeout_ms` integer,
	`queue_deadline_at` integer,
	`client_lease_ms` integer,
	`client_lease_expires_at` integer,
	`github` text,
	`repository_id` integer,
	`head_sha` text,
	`supersede_key` text,
	`dedupe_key` text,
	`rerun_key` text,
	`content_key` text,
	`workflow_attempt` integer,
	`awaiting_approval` integer NOT NULL,
	`jobs_total` integer NOT NULL,
	`jobs_queued` integer NOT NULL,
	`jobs_active` integer NOT NULL,
	`installs_made` integer NOT NULL,
	`installs_avoided` integer NOT NULL,
	`install_ms_saved` integer NOT NULL,
	`counts` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `runs_id` ON `runs` (`id`);--> statement-breakpoint
CREATE INDEX `runs_org` ON `runs` (`org_id`,`seq`);--> statement-breakpoint
CREATE UNIQUE INDEX `runs_dedupe` ON `runs` (`dedupe_key`) WHERE dedupe_key is not null;--> statement-breakpoint
CREATE INDEX `runs_supersede` ON `runs` (`supersede_key`) WHERE supersede_key is not null;--> statement-breakpoint
CREATE INDEX `runs_rerun` ON `runs` (`rerun_key`,`seq`) WHERE rerun_key is not null;--> statement-breakpoint
CREATE INDEX `runs_content` ON `runs` (`content_key`,`seq`) WHERE content_key is not null;--> statement-breakpoint
CREATE INDEX `runs_retry` ON `runs` (`retry_of`,`seq`) WHERE retry_of is not null;--> statement-breakpoint
CREATE INDEX `runs_commit` ON `runs` (`head_sha`,`seq`) WHERE head_sha is not null;--> statement-breakpoint
CREATE INDEX `runs_active` ON `runs` (`repository_id`) WHERE status <> 'completed';--> statement-breakpoint
CREATE INDEX `runs_queue_deadline` ON `runs` (`queue_deadline_at`) WHERE queue_deadline_at is not null;--> statement-breakpoint
CREATE INDEX `runs_client_lease` ON `runs` (`client_lease_expires_at`) WHERE client_lease_expires_at is not null;--> statement-breakpoint
CREATE TABLE `trust_policies` (
	`id` text PRIMARY KEY NOT NULL,
	`org_id` text NOT NULL,
	`body` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `trust_policies_org` ON `trust_policies` (`org_id`);--> statement-breakpoint
CREATE TABLE `used_tokens` (
	`issuer` text NOT NULL,
	`jti` text NOT NULL,
	`dead_at` integer NOT NULL,
	PRIMARY KEY(`issuer`, `jti`)
);
--> statement-breakpoint
CREATE INDEX `used_tokens_death` ON `used_tokens` (`dead_at`);