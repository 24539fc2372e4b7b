// Loaded into a process that must not outlive its agent: standard input is a pipe from there, which closes with the agent.
process.stdin.on('end', end).on('error', end).resume();
process.stdin.unref?.();

/** Time to close sessions; then there is nobody left to wait for. */
function end() {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), 5000).unref();
}
