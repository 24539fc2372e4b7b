import { administrationRoutes } from './routes/administration.ts';
import { agentRoutes } from './routes/agents.ts';
import { appVersionRoutes } from './routes/app-versions.ts';
import { githubRoutes } from './routes/github.ts';
import { operationRoutes } from './routes/operations.ts';
import { runRoutes } from './routes/runs.ts';

/** The whole API, as data. The server's handlers and the client are two implementations of this one table. */
export const routes = {
  ...runRoutes,
  ...appVersionRoutes,
  ...agentRoutes,
  ...administrationRoutes,
  ...githubRoutes,
  ...operationRoutes,
};

export type Routes = typeof routes;
export type RouteName = keyof Routes;
