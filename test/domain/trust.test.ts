import { describe, expect, test } from 'vitest';
import type { TrustPolicyBody } from '../../contract/org.ts';
import { decideTrust, type WorkflowClaims } from '../../server/domain/trust.ts';

function claims(over: Partial<WorkflowClaims> = {}): WorkflowClaims {
  return {
    issuer: 'https://github.example',
    repository: 'acme/shop',
    repositoryId: 1001,
    repositoryOwnerId: 2002,
    ref: 'refs/heads/main',
    environment: null,
    eventName: 'push',
    jobWorkflowRef: 'acme/shop/.github/workflows/e2e.yml@refs/heads/main',
    runId: 1,
    runAttempt: 1,
    ...over,
  };
}

const asked = { orgId: 'acme', defaultIssuer: 'https://github.example' };
let made = 0;
function policy(over: Partial<TrustPolicyBody> = {}) {
  const ids = { issuer: 'https://github.example', repository_id: 1001, repository_owner_id: 2002 };
  return { id: `tru_${++made}`, body: { name: 'acme/shop', role: 'submit' as const, ...ids, ...over } };
}

const decide = (policies: ReturnType<typeof policy>[], over: Partial<WorkflowClaims> = {}) =>
  decideTrust(asked, policies, claims(over));

describe('a workflow is trusted', () => {
  test('by the ids of its repository and its owner, whatever the repository is called now', () => {
    const trusted = policy();
    expect(decide([policy({ repository_id: 9 }), trusted], { repository: 'acme/renamed' }).policy).toBe(trusted);
  });

  test('with the role that allows most, by the oldest policy of those', () => {
    const [read, submit, later] = [policy({ role: 'read' }), policy(), policy()];
    expect(decide([read, submit, later]).policy).toBe(submit);
    expect(decide([read]).policy).toBe(read);
  });

  test.each([
    ['ref', { ref: 'refs/heads/main' }, { ref: 'refs/heads/other' }],
    ['ref, where it has none', { ref: 'refs/heads/main' }, { ref: null }],
    ['environment', { environment: 'lab' }, { environment: 'production' }],
    ['environment, where it has none', { environment: 'lab' }, { environment: null }],
    ['event', { event_names: ['push', 'schedule'] }, { eventName: 'pull_request' }],
    [
      'job_workflow_ref',
      { job_workflow_ref: 'acme/shop/.github/workflows/e2e.yml@refs/heads/main' },
      { jobWorkflowRef: 'acme/shop/.github/workflows/evil.yml@refs/heads/main' },
    ],
  ] satisfies [string, Partial<TrustPolicyBody>, Partial<WorkflowClaims>][])(
    'within the bounds of its policy: %s',
    (what, bounds, outside) => {
      const bounded = policy(bounds);
      expect(decide([bounded], { environment: 'lab' }).policy).toBe(bounded);
      const { refusal } = decide([bounded], { environment: 'lab', ...outside });
      expect(refusal).toContain(`policy ${bounded.id}`);
      expect(refusal).toContain(`asks for ${what.split(',')[0]} `);
    },
  );
});

describe('a workflow is refused', () => {
  const nothing = decideTrust(asked, [], claims()).refusal;

  test('with the command that would trust it, where there is no policy for it', () => {
    expect(nothing).toBe(
      'No trust policy of organisation acme fits repository_id 1001 (acme/shop), repository_owner_id 2002. An admin of ' +
        'acme adds one with: qgjob trust add --org-id=acme --repository-id=1001 --owner-id=2002 --repository=acme/shop',
    );
  });

  test('alike when the policy is for another repository, or its repository was transferred', () => {
    expect(decide([policy({ repository_id: 9, ref: 'secret' })])).toEqual({ policy: null, refusal: nothing });
    expect(decide([policy({ repository_owner_id: 9, ref: 'secret' })])).toEqual({ policy: null, refusal: nothing });
  });

  test('when another GitHub gave its repository the same ids', () => {
    const { refusal } = decide([policy()], { issuer: 'https://ghe.example/_services/token' });
    expect(refusal).toBe(`${nothing} --issuer=https://ghe.example/_services/token`);
    expect(decide([policy({ issuer: 'https://ghe.example/_services/token' })]).refusal).toBe(nothing);
  });

  test.each(['pull_request_target', 'workflow_run', 'issue_comment'])(
    'when %s started it, unless the policy names that event',
    (eventName) => {
      expect(decide([policy()], { eventName }).refusal).toContain(`--event=${eventName}`);
      expect(decide([policy({ event_names: ['push'] })], { eventName }).policy).toBeNull();
      const named = policy({ event_names: [eventName] });
      expect(decide([named], { eventName }).policy).toBe(named);
    },
  );

  test('in words that hold no more of its claims than plain text', () => {
    const ref = `refs/heads/\u001b[31m\u202e${'x'.repeat(5000)}\r\nforged line`;
    const { refusal } = decide([policy({ ref: 'refs/heads/main' })], { ref });
    expect(refusal).toMatch(/^[\x20-\x7e…]+$/);
    expect(refusal?.length).toBeLessThan(600);
  });
});
