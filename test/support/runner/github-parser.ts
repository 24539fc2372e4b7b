import { registerHooks } from 'node:module';

/**
 * GitHub's own parser of action.yml and of workflows. It imports its schemas without saying that they are JSON, which Node
 * refuses; said here for it, before it is loaded.
 */
registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    return specifier.endsWith('.min.json') ? { ...resolved, importAttributes: { type: 'json' } } : resolved;
  },
});

export const { convertActionTemplate, parseAction } = await import('@actions/workflow-parser/actions/index');
export const { isMapping, isSequence, NoOperationTraceWriter, parseWorkflow } = await import(
  '@actions/workflow-parser'
);
