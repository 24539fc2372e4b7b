/** Where an agent started here keeps its caches and workspaces unless told. */
export const defaultWorkDir = '.qgjob/agent';
