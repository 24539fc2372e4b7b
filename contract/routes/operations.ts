import { z } from 'zod';
import { route } from '../route.ts';
import { Id } from '../words.ts';

export const operationRoutes = {
  githubWebhook: route({
    method: 'POST',
    path: '/webhooks/github',
    summary: 'Deliveries of the GitHub App',
    tag: 'operations',
    role: 'public',
    body: 'bytes',
    maxBodyBytes: 25 * 1024 ** 2,
    answers: { 202: 'empty' },
    problems: ['not_available'],
  }),
  livez: route({
    method: 'GET',
    path: '/livez',
    summary: 'The process answers',
    tag: 'operations',
    role: 'public',
    answers: { 200: z.strictObject({ status: z.literal('ok'), version: z.string() }) },
  }),
  readyz: route({
    method: 'GET',
    path: '/readyz',
    summary: 'The database answers and the server is not shutting down',
    tag: 'operations',
    role: 'public',
    answers: { 200: z.strictObject({ status: z.literal('ready') }) },
    problems: ['draining', 'overloaded'],
  }),
  metrics: route({
    method: 'GET',
    path: '/metrics',
    summary: 'Prometheus metrics, without the name of any organisation',
    tag: 'operations',
    role: 'public',
    answers: { 200: 'text' },
  }),
  openapi: route({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This document',
    tag: 'operations',
    role: 'public',
    answers: { 200: z.record(z.string(), z.unknown()) },
  }),
  docs: route({
    method: 'GET',
    path: '/docs',
    summary: 'The API for people',
    tag: 'operations',
    role: 'public',
    answers: { 200: 'html' },
  }),
  runPage: route({
    method: 'GET',
    path: '/runs/{id}',
    summary: "A run's page for people; a browser asks for the API key as a password",
    tag: 'operations',
    role: 'read',
    params: z.strictObject({ id: Id }),
    answers: { 200: 'html' },
    problems: ['not_found'],
  }),
};
