import {
  type Answer,
  type Call,
  callingApp,
  type Fields,
  notFound,
  page,
  Refusal,
  type RouteRule,
} from '../exchange.ts';
import { iso } from '../shapes/account.ts';
import { annotation, checkRun, checkSuite } from '../shapes/check.ts';
import { type Annotation, type CheckAction, type CheckRun, type CheckSuite, fullName, suiteFor } from '../state.ts';

const runs = '/repos/{owner}/{repo}/check-runs';
const suites = '/repos/{owner}/{repo}/check-suites/{check_suite_id}';

/** Check runs and suites as GitHub keeps them: annotations are only ever added, a rerequest leaves the run alone. */
export const checkRoutes: RouteRule[] = [
  { route: `POST ${runs}`, caller: 'installation', permission: 'checks:write', handle: create },
  {
    route: `GET ${runs}/{check_run_id}`,
    caller: 'installation',
    permission: 'checks:read',
    handle: (c) => show(c, 200, runOf(c)),
  },
  { route: `PATCH ${runs}/{check_run_id}`, caller: 'installation', permission: 'checks:write', handle: update },
  {
    route: `GET ${runs}/{check_run_id}/annotations`,
    caller: 'installation',
    permission: 'checks:read',
    handle: annotations,
  },
  {
    route: `POST ${runs}/{check_run_id}/rerequest`,
    caller: 'installation',
    permission: 'checks:write',
    handle: rerequest,
  },
  {
    route: `GET ${suites}`,
    caller: 'installation',
    permission: 'checks:read',
    handle: (call) => ({ status: 200, body: checkSuite(call.hosts, call.state, suiteOf(call)) }),
  },
  {
    route: `GET ${suites}/check-runs`,
    caller: 'installation',
    permission: 'checks:read',
    handle: (call) => list(call, (run) => run.suite === suiteOf(call)),
  },
  {
    route: 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
    caller: 'installation',
    permission: 'checks:read',
    handle(call) {
      const ref = call.params.ref ?? '';
      const sha = call.repository.branches.get(ref.replace(/^heads\//, '')) ?? ref;
      if (!call.repository.commits.has(sha)) throw new Refusal(422, `No commit found for SHA: ${ref}`);
      return list(call, ({ suite }) => suite.repository === call.repository && suite.headSha === sha);
    },
  },
];

const show = (call: Call, status: number, run: CheckRun): Answer => ({
  status,
  body: checkRun(call.hosts, call.state, run),
});

function create(call: Call): Answer {
  const { state, body } = call;
  const run: CheckRun = {
    id: state.nextId('check'),
    suite: openSuite(call, String(body.head_sha)),
    name: String(body.name),
    externalId: '',
    detailsUrl: null,
    status: 'queued',
    conclusion: null,
    startedAt: iso(call.now()),
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    annotations: [],
    actions: [],
    history: [],
  };
  apply(call, run);
  state.checkRuns.set(run.id, run);
  return show(call, 201, run);
}

function update(call: Call): Answer {
  const run = runOf(call);
  if (run.suite.app !== callingApp(call)) {
    const message = `Invalid app_id \`${callingApp(call).id}\` - check run can only be modified by the GitHub App that created it.`;
    throw new Refusal(403, message);
  }
  apply(call, run);
  return show(call, 200, run);
}

function openSuite(call: Call, headSha: string): CheckSuite {
  const suite = suiteFor(call.state, callingApp(call), call.repository, headSha, call.now());
  if (!suite) throw new Refusal(422, `No commit found for SHA: ${headSha}`);
  return suite;
}

function apply(call: Call, run: CheckRun): void {
  const { body } = call;
  const output = (body.output ?? {}) as Fields & { annotations?: Partial<Annotation>[] };
  if (body.name !== undefined) run.name = String(body.name);
  if (body.external_id !== undefined) run.externalId = String(body.external_id);
  if (body.details_url !== undefined) run.detailsUrl = String(body.details_url);
  if (body.started_at !== undefined) run.startedAt = String(body.started_at);
  if (body.actions !== undefined) run.actions = body.actions as CheckAction[];
  if (output.title !== undefined) run.title = String(output.title);
  if (output.summary !== undefined) run.summary = String(output.summary);
  if (output.text !== undefined) run.text = String(output.text);
  run.annotations.push(...(output.annotations ?? []).map(stored));
  if (body.conclusion !== undefined) {
    run.status = 'completed';
    run.conclusion = String(body.conclusion);
    run.completedAt = String(body.completed_at ?? iso(call.now()));
  } else if (body.status !== undefined) {
    run.status = String(body.status);
    run.conclusion = null;
    run.completedAt = null;
  }
  run.history.push({ status: run.status, conclusion: run.conclusion, annotations: run.annotations.length });
  const { suite } = run;
  suite.status = run.status === 'completed' ? 'completed' : 'in_progress';
  suite.conclusion = run.conclusion;
  suite.updatedAt = call.now();
}

function stored(sent: Partial<Annotation>): Annotation {
  return {
    path: sent.path ?? '',
    start_line: sent.start_line ?? 1,
    end_line: sent.end_line ?? 1,
    start_column: sent.start_column ?? null,
    end_column: sent.end_column ?? null,
    annotation_level: sent.annotation_level ?? 'notice',
    title: sent.title ?? null,
    message: sent.message ?? '',
    raw_details: sent.raw_details ?? null,
  };
}

function annotations(call: Call): Answer {
  const run = runOf(call);
  const path = `/repos/${fullName(call.repository)}/check-runs/${run.id}/annotations`;
  const { items, headers } = page(call, path, run.annotations);
  return { status: 200, body: items.map((one) => annotation(call.hosts, run.suite, one)), headers };
}

/** "When a check run is rerequested, the status of the check suite it belongs to is reset to queued and the conclusion is cleared. The check run itself is not updated." */
function rerequest(call: Call): Answer {
  const run = runOf(call);
  run.suite.status = 'queued';
  run.suite.conclusion = null;
  call.rerequested(run);
  return { status: 201, body: {} };
}

function list(call: Call, fits: (run: CheckRun) => boolean): Answer {
  const { query, state } = call;
  const appId = query.get('app_id');
  const found = [...state.checkRuns.values()].filter(
    (run) =>
      fits(run) &&
      (query.get('check_name') ?? run.name) === run.name &&
      (query.get('status') ?? run.status) === run.status &&
      (appId === null || Number(appId) === run.suite.app.id),
  );
  // "latest" is the default: the newest run of each name of each App
  const latest = new Map(found.map((run) => [`${run.suite.app.id} ${run.name}`, run]));
  const shown = query.get('filter') === 'all' ? found : [...latest.values()];
  const ref = call.params.ref;
  const path = `/repos/${fullName(call.repository)}/${ref === undefined ? `check-suites/${call.params.check_suite_id}` : `commits/${ref}`}/check-runs`;
  const { items, headers } = page(call, path, shown.reverse());
  const check_runs = items.map((run) => checkRun(call.hosts, state, run));
  return { status: 200, body: { total_count: shown.length, check_runs }, headers };
}

function runOf({ state, params, repository }: Call): CheckRun {
  const run = state.checkRuns.get(Number(params.check_run_id));
  if (run?.suite.repository !== repository) throw notFound();
  return run;
}

function suiteOf({ state, params, repository }: Call): CheckSuite {
  const suite = state.suites.find((one) => one.id === Number(params.check_suite_id) && one.repository === repository);
  if (!suite) throw notFound();
  return suite;
}
