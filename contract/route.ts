import type { z } from 'zod';
import type { ProblemCode } from './problem.ts';
import type { KeyRole } from './words.ts';

/** Answers that are no JSON: `empty` has no body, the others are streamed. */
export type NonJson = 'empty' | 'text' | 'bytes' | 'events' | 'html';

/** One operation of the API, as data: the server binds it, the client calls it, the API document describes it. */
export interface Route {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** Parameters in braces: `/v1/runs/{id}`. */
  path: `/${string}`;
  summary: string;
  tag: 'runs' | 'jobs' | 'app versions' | 'agents' | 'leases' | 'administration' | 'operations';
  /** The role a key needs; `public` needs none, `any` takes every valid key, `submit or agent` all that may write, `operator`
   * the admin key that belongs to no organisation.
   */
  role: KeyRole | 'operator' | 'submit or agent' | 'any' | 'public';
  /**
   * Sent by a form of a page of ours: takes the key as the browser sends it by itself, so that the handler has to tell whether
   * that form was ours.
   */
  isPageForm?: true;
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  /** A JSON body's schema, or `bytes` for one that is streamed. */
  body?: z.ZodType | 'bytes';
  /** The largest body accepted; for JSON 1 MiB unless told. */
  maxBodyBytes?: number;
  answers: { readonly [status: number]: z.ZodType | NonJson };
  /** The problems particular to this route; every route may also answer those of `commonProblems`. */
  problems?: readonly ProblemCode[];
}

export const commonProblems = [
  'unauthenticated',
  'forbidden',
  'malformed_request',
  'validation_failed',
  'internal',
  'overloaded',
  'draining',
] as const satisfies readonly ProblemCode[];

/** Keeps a route's literal types while checking its shape. */
export const route = <const R extends Route>(r: R): R => r;

type Out<T> = T extends z.ZodType ? z.output<T> : undefined;
type In<T> = T extends z.ZodType ? z.input<T> : undefined;

/** Bytes on their way: what a streamed answer or request body is on the server's side. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** What a client may send as a streamed body. */
export type StreamedBody = NonNullable<RequestInit['body']>;

type AnswerBody<T> = T extends z.ZodType ? z.output<T> : T extends 'empty' ? undefined : ByteStream | string;

/** What a handler may return: one of the route's statuses with the body that belongs to it. */
export type Answer<R extends Route> = {
  [S in keyof R['answers'] & number]: {
    status: S;
    body: AnswerBody<R['answers'][S]>;
    headers?: Record<string, string>;
  };
}[keyof R['answers'] & number];

/** What a handler is given: parsed, typed, nothing raw but a streamed body. */
export interface HandlerInput<R extends Route> {
  params: Out<R['params']>;
  query: Out<R['query']>;
  headers: Out<R['headers']>;
  body: R['body'] extends 'bytes' ? ByteStream : Out<R['body']>;
}

/** The success body a client gets: the union over the route's answers. */
export type ClientBody<R extends Route> = {
  [S in keyof R['answers'] & number]: R['answers'][S] extends z.ZodType
    ? z.output<R['answers'][S]>
    : R['answers'][S] extends 'empty'
      ? null
      : Response;
}[keyof R['answers'] & number];

type Field<K extends string, T> = T extends undefined ? { [P in K]?: undefined } : { [P in K]: T };
type OptionalField<K extends string, T> = T extends undefined ? { [P in K]?: undefined } : { [P in K]?: T };

/** What a client method takes. */
export type ClientInput<R extends Route> = Field<'params', In<R['params']>> &
  OptionalField<'query', QueryInput<R>> &
  Field<'headers', In<R['headers']>> &
  Field<'body', R['body'] extends 'bytes' ? StreamedBody : In<R['body']>>;

/** Queries travel as strings; numbers and booleans are taken as well and written out by the client. */
type QueryInput<R extends Route> = R['query'] extends z.ZodType
  ? { [K in keyof z.input<R['query']>]?: string | number | undefined }
  : undefined;
