/**
 * What no test here can show, since all of them speak to a GitHub of our own making: to be looked at on a real one, and ticked
 * off in docs/github-app.md once it was.
 */
export const neverTried: readonly string[] = [
  'Registration: that github.com takes our manifest, its redirect and the form of a page with the policy we send.',
  'That a completed check run of ours shows its buttons, and what pressing one sends.',
  'Which of "Re-run", "Re-run all checks" and "Re-run failed checks" sends check_run.rerequested, check_suite.rerequested or both.',
  'That check runs of one name on one commit are shown as the latest alone, and that a required check follows the latest.',
  'Where GitHub puts our check run among the suites of a pull request, and of a pull request from a fork.',
  'How summary and text look: tables, code fences, folded parts, at 65,535 bytes.',
  'Whether writes of check runs count as content-creating, and the secondary limits that go with that.',
  'How soon an installation token is good everywhere after it was made, and the form of tokens on an Enterprise Server.',
  'Redelivery: how far back the log of deliveries goes, and what a redelivered webhook says of itself.',
  'What a merge queue does with a check run that concludes at once.',
  'TLS, proxies and authorities of your own between this server and GitHub.',
];
