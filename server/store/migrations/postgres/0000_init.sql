CREATE TABLE "agents" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text,
	"key_id" text NOT NULL,
	"shared" boolean NOT NULL,
	"name" text NOT NULL,
	"labels" json NOT NULL,
	"command" text,
	"registered_at" bigint NOT NULL,
	"last_heartbeat_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text,
	"role" text NOT NULL,
	"name" text NOT NULL,
	"hash" text NOT NULL,
	"shared" boolean NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint,
	"revoked_at" bigint,
	"last_used_at" bigint,
	"trust_policy_id" text,
	"workflow" json
);
--> statement-breakpoint
CREATE TABLE "app_versions" (
	"org_id" text NOT NULL,
	"id" text NOT NULL,
	"sha256" text NOT NULL,
	"platform" text NOT NULL,
	"file_name" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "app_versions_org_id_id_pk" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "approvals" (
	"host" text NOT NULL,
	"repository_id" bigint NOT NULL,
	"head_sha" text NOT NULL,
	"approved_by" text,
	"approved_at" bigint,
	CONSTRAINT "approvals_host_repository_id_head_sha_pk" PRIMARY KEY("host","repository_id","head_sha")
);
--> statement-breakpoint
CREATE TABLE "attempts" (
	"job_id" text NOT NULL,
	"number" bigint NOT NULL,
	"agent" text NOT NULL,
	"device" text NOT NULL,
	"lease_id" text NOT NULL,
	"outcome" text NOT NULL,
	"started_at" bigint,
	"ended_at" bigint NOT NULL,
	"duration_ms" bigint NOT NULL,
	"install" json,
	"counts" json NOT NULL,
	"errors" json NOT NULL,
	"tests" json NOT NULL,
	"result_hash" text,
	CONSTRAINT "attempts_job_id_number_pk" PRIMARY KEY("job_id","number")
);
--> statement-breakpoint
CREATE TABLE "blobs" (
	"org_id" text NOT NULL,
	"sha256" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "blobs_org_id_sha256_pk" PRIMARY KEY("org_id","sha256")
);
--> statement-breakpoint
CREATE TABLE "check_lanes" (
	"host" text NOT NULL,
	"owner" text NOT NULL,
	"installation_id" bigint,
	"not_before" bigint NOT NULL,
	"failures" bigint NOT NULL,
	"lease_token" text,
	"lease_expires_at" bigint,
	CONSTRAINT "check_lanes_host_owner_pk" PRIMARY KEY("host","owner")
);
--> statement-breakpoint
CREATE TABLE "check_runs" (
	"run_id" text PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"owner" text NOT NULL,
	"repository" text NOT NULL,
	"repository_id" bigint NOT NULL,
	"head_sha" text NOT NULL,
	"name" text NOT NULL,
	"external_id" text NOT NULL,
	"created_at" bigint NOT NULL,
	"remote_id" bigint,
	"remote_completed" boolean NOT NULL,
	"state" text NOT NULL,
	"urgency" bigint NOT NULL,
	"due_at" bigint,
	"not_before" bigint NOT NULL,
	"attempts" bigint NOT NULL,
	"generation" bigint NOT NULL,
	"uncertain" boolean NOT NULL,
	"taken_at" bigint,
	"published_hash" text,
	"annotations_sent" bigint NOT NULL,
	"last_error" text
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"host" text NOT NULL,
	"guid" text NOT NULL,
	"event" text NOT NULL,
	"action" text,
	"installation_id" bigint,
	"payload" json,
	"status" text NOT NULL,
	"attempts" bigint NOT NULL,
	"next_attempt_at" bigint NOT NULL,
	"received_at" bigint NOT NULL,
	"processed_at" bigint,
	"note" text,
	CONSTRAINT "deliveries_host_guid_pk" PRIMARY KEY("host","guid")
);
--> statement-breakpoint
CREATE TABLE "devices" (
	"agent_id" text NOT NULL,
	"id" text NOT NULL,
	"target" text NOT NULL,
	"platform" text NOT NULL,
	"model" text,
	"os_version" text,
	"labels" json NOT NULL,
	"state" text NOT NULL,
	"state_reason" text,
	"state_changed_at" bigint NOT NULL,
	"installed" json,
	"last_group_id" text,
	"turn_started_at" bigint,
	"helped_at" bigint,
	"nothing_of_group_id" text,
	"suspicion" json NOT NULL,
	"suspect_until" bigint,
	CONSTRAINT "devices_agent_id_id_pk" PRIMARY KEY("agent_id","id")
);
--> statement-breakpoint
CREATE TABLE "durations" (
	"org_id" text NOT NULL,
	"test_path" text NOT NULL,
	"target" text NOT NULL,
	"platform" text NOT NULL,
	"median_ms" bigint NOT NULL,
	"seen" bigint NOT NULL,
	"passed_app_version_id" text,
	CONSTRAINT "durations_org_id_test_path_target_platform_pk" PRIMARY KEY("org_id","test_path","target","platform")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"run_id" text NOT NULL,
	"version" bigint NOT NULL,
	"type" text NOT NULL,
	"data" json NOT NULL
);
--> statement-breakpoint
CREATE TABLE "flaky_tests" (
	"org_id" text NOT NULL,
	"test_path" text NOT NULL,
	"target" text NOT NULL,
	"title_hash" text NOT NULL,
	"title_path" json NOT NULL,
	"score" bigint NOT NULL,
	"at_attempt" bigint NOT NULL,
	"seen_at" bigint NOT NULL,
	CONSTRAINT "flaky_tests_org_id_test_path_target_title_hash_pk" PRIMARY KEY("org_id","test_path","target","title_hash")
);
--> statement-breakpoint
CREATE TABLE "github_apps" (
	"host" text PRIMARY KEY NOT NULL,
	"web_url" text NOT NULL,
	"api_url" text NOT NULL,
	"app_id" bigint NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"client_id" text NOT NULL,
	"registered_at" bigint NOT NULL,
	"reopened_until" bigint,
	"sealed_private_key" text NOT NULL,
	"sealed_webhook_secret" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "github_setups" (
	"state_hash" text PRIMARY KEY NOT NULL,
	"browser_hash" text NOT NULL,
	"key_id" text NOT NULL,
	"host" text NOT NULL,
	"web_url" text NOT NULL,
	"api_url" text NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "groups" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text NOT NULL,
	"app_version_id" text NOT NULL,
	"target" text NOT NULL,
	"devices" json NOT NULL,
	"queued" bigint NOT NULL,
	"active" bigint NOT NULL,
	"work_ms" bigint NOT NULL,
	"head_rank" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"scope" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"answer" json NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "idempotency_keys_scope_key_pk" PRIMARY KEY("scope","key")
);
--> statement-breakpoint
CREATE TABLE "install_times" (
	"org_id" text NOT NULL,
	"app_version_id" text NOT NULL,
	"target" text NOT NULL,
	"median_ms" bigint NOT NULL,
	"seen" bigint NOT NULL,
	CONSTRAINT "install_times_org_id_app_version_id_target_pk" PRIMARY KEY("org_id","app_version_id","target")
);
--> statement-breakpoint
CREATE TABLE "installations" (
	"host" text NOT NULL,
	"id" bigint NOT NULL,
	"account" text NOT NULL,
	"state" text NOT NULL,
	"changed_at" bigint NOT NULL,
	CONSTRAINT "installations_host_id_pk" PRIMARY KEY("host","id")
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"run_id" text NOT NULL,
	"org_id" text NOT NULL,
	"repository_id" bigint,
	"position" bigint NOT NULL,
	"group_id" text NOT NULL,
	"app_version_id" text NOT NULL,
	"test_path" text NOT NULL,
	"target" text NOT NULL,
	"priority" bigint NOT NULL,
	"status" text NOT NULL,
	"conclusion" text,
	"reason" text,
	"reason_code" text,
	"cancel_requested" boolean NOT NULL,
	"carried_from" text,
	"version" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"enqueued_at" bigint NOT NULL,
	"rank" bigint NOT NULL,
	"estimate_ms" bigint NOT NULL,
	"started_at" bigint,
	"completed_at" bigint,
	"lease_id" text,
	"attempt_started_at" bigint,
	"attempts" bigint NOT NULL,
	"test_failures" bigint NOT NULL,
	"infra_failures" bigint NOT NULL,
	"install_failures" bigint NOT NULL,
	"timeouts" bigint NOT NULL,
	"losses" bigint NOT NULL,
	"failed_on" json NOT NULL,
	"counts" json NOT NULL
);
--> statement-breakpoint
CREATE TABLE "leases" (
	"id" text PRIMARY KEY NOT NULL,
	"token" text NOT NULL,
	"agent_id" text NOT NULL,
	"agent_name" text NOT NULL,
	"device_id" text NOT NULL,
	"group_id" text NOT NULL,
	"org_id" text NOT NULL,
	"app_version_id" text NOT NULL,
	"status" text NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"ended_at" bigint,
	"install" json,
	"install_attributed" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "orgs" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"created_at" bigint NOT NULL,
	"max_queued_jobs" bigint,
	"max_active_jobs" bigint,
	"weight" double precision NOT NULL,
	"usage_ms" double precision NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quarantines" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text NOT NULL,
	"repository_id" bigint NOT NULL,
	"test_path" text NOT NULL,
	"title_path" json NOT NULL,
	"until" bigint NOT NULL,
	"by" text NOT NULL,
	"from_run_id" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "removed_repositories" (
	"host" text NOT NULL,
	"repository_id" bigint NOT NULL,
	"removed_at" bigint NOT NULL,
	CONSTRAINT "removed_repositories_host_repository_id_pk" PRIMARY KEY("host","repository_id")
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"org_id" text NOT NULL,
	"app_version_id" text NOT NULL,
	"target" text NOT NULL,
	"priority" bigint NOT NULL,
	"project" text,
	"devices" json NOT NULL,
	"status" text NOT NULL,
	"conclusion" text,
	"reason" text,
	"version" bigint NOT NULL,
	"attempt" bigint NOT NULL,
	"retry_of" text,
	"created_at" bigint NOT NULL,
	"started_at" bigint,
	"completed_at" bigint,
	"test_retries" bigint NOT NULL,
	"infra_retries" bigint NOT NULL,
	"timeout_seconds" bigint NOT NULL,
	"reset" text NOT NULL,
	"bundle_sha256" text,
	"queue_timeout_ms" bigint,
	"queue_deadline_at" bigint,
	"client_lease_ms" bigint,
	"client_lease_expires_at" bigint,
	"github" json,
	"repository_id" bigint,
	"head_sha" text,
	"supersede_key" text,
	"dedupe_key" text,
	"rerun_key" text,
	"content_key" text,
	"workflow_attempt" bigint,
	"awaiting_approval" boolean NOT NULL,
	"jobs_total" bigint NOT NULL,
	"jobs_queued" bigint NOT NULL,
	"jobs_active" bigint NOT NULL,
	"installs_made" bigint NOT NULL,
	"installs_avoided" bigint NOT NULL,
	"install_ms_saved" bigint NOT NULL,
	"counts" json NOT NULL
);
--> statement-breakpoint
CREATE TABLE "trust_policies" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text NOT NULL,
	"body" json NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "used_tokens" (
	"issuer" text NOT NULL,
	"jti" text NOT NULL,
	"dead_at" bigint NOT NULL,
	CONSTRAINT "used_tokens_issuer_jti_pk" PRIMARY KEY("issuer","jti")
);
--> statement-breakpoint
CREATE INDEX "agents_heartbeat" ON "agents" USING btree ("last_heartbeat_at");--> statement-breakpoint
CREATE INDEX "agents_name" ON "agents" USING btree ("name","registered_at");--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_hash" ON "api_keys" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "api_keys_org" ON "api_keys" USING btree ("org_id") WHERE trust_policy_id is null;--> statement-breakpoint
CREATE INDEX "api_keys_sessions" ON "api_keys" USING btree ("org_id") WHERE trust_policy_id is not null;--> statement-breakpoint
CREATE INDEX "api_keys_policy" ON "api_keys" USING btree ("trust_policy_id") WHERE trust_policy_id is not null;--> statement-breakpoint
CREATE INDEX "api_keys_session_expiry" ON "api_keys" USING btree ("expires_at") WHERE trust_policy_id is not null;--> statement-breakpoint
CREATE INDEX "check_runs_due" ON "check_runs" USING btree ("host","due_at") WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX "check_runs_lane" ON "check_runs" USING btree ("host","owner","urgency","due_at") WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX "check_runs_unmade" ON "check_runs" USING btree ("host","repository_id","head_sha","name","created_at") WHERE remote_id is null and due_at is not null;--> statement-breakpoint
CREATE INDEX "check_runs_unpostable" ON "check_runs" USING btree ("host","owner") WHERE state = 'unpostable';--> statement-breakpoint
CREATE INDEX "deliveries_due" ON "deliveries" USING btree ("next_attempt_at") WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "deliveries_failed" ON "deliveries" USING btree ("processed_at") WHERE status = 'failed';--> statement-breakpoint
CREATE INDEX "deliveries_ended" ON "deliveries" USING btree ("processed_at") WHERE processed_at is not null;--> statement-breakpoint
CREATE INDEX "events_run" ON "events" USING btree ("run_id","version");--> statement-breakpoint
CREATE INDEX "flaky_tests_seen" ON "flaky_tests" USING btree ("seen_at");--> statement-breakpoint
CREATE INDEX "github_setups_expiry" ON "github_setups" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "groups_waiting" ON "groups" USING btree ("target") WHERE queued > 0;--> statement-breakpoint
CREATE INDEX "groups_org" ON "groups" USING btree ("org_id") WHERE queued > 0 or active > 0;--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_id" ON "jobs" USING btree ("id");--> statement-breakpoint
CREATE INDEX "jobs_run" ON "jobs" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "jobs_org" ON "jobs" USING btree ("org_id","seq");--> statement-breakpoint
CREATE INDEX "jobs_queue" ON "jobs" USING btree ("group_id","rank","seq") WHERE status = 'queued';--> statement-breakpoint
CREATE INDEX "jobs_lease" ON "jobs" USING btree ("lease_id") WHERE lease_id is not null;--> statement-breakpoint
CREATE INDEX "leases_expiry" ON "leases" USING btree ("expires_at") WHERE status = 'active';--> statement-breakpoint
CREATE INDEX "leases_device" ON "leases" USING btree ("agent_id","device_id") WHERE status = 'active';--> statement-breakpoint
CREATE INDEX "quarantines_repository" ON "quarantines" USING btree ("org_id","repository_id");--> statement-breakpoint
CREATE INDEX "quarantines_end" ON "quarantines" USING btree ("until");--> statement-breakpoint
CREATE UNIQUE INDEX "runs_id" ON "runs" USING btree ("id");--> statement-breakpoint
CREATE INDEX "runs_org" ON "runs" USING btree ("org_id","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "runs_dedupe" ON "runs" USING btree ("dedupe_key") WHERE dedupe_key is not null;--> statement-breakpoint
CREATE INDEX "runs_supersede" ON "runs" USING btree ("supersede_key") WHERE supersede_key is not null;--> statement-breakpoint
CREATE INDEX "runs_rerun" ON "runs" USING btree ("rerun_key","seq") WHERE rerun_key is not null;--> statement-breakpoint
CREATE INDEX "runs_content" ON "runs" USING btree ("content_key","seq") WHERE content_key is not null;--> statement-breakpoint
CREATE INDEX "runs_retry" ON "runs" USING btree ("retry_of","seq") WHERE retry_of is not null;--> statement-breakpoint
CREATE INDEX "runs_commit" ON "runs" USING btree ("head_sha","seq") WHERE head_sha is not null;--> statement-breakpoint
CREATE INDEX "runs_active" ON "runs" USING btree ("repository_id") WHERE status <> 'completed';--> statement-breakpoint
CREATE INDEX "runs_queue_deadline" ON "runs" USING btree ("queue_deadline_at") WHERE queue_deadline_at is not null;--> statement-breakpoint
CREATE INDEX "runs_client_lease" ON "runs" USING btree ("client_lease_expires_at") WHERE client_lease_expires_at is not null;--> statement-breakpoint
CREATE INDEX "trust_policies_org" ON "trust_policies" USING btree ("org_id");--> statement-breakpoint
CREATE INDEX "used_tokens_death" ON "used_tokens" USING btree ("dead_at");