import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { RequestListener } from 'node:http';
import { Refusal } from './refusal.ts';
import type { ReviewHandler } from './review-handler.ts';

/** The two paths of the webhook and nothing else. What goes wrong in it is answered with a status and a short text. */
export function createApp(handler: ReviewHandler): RequestListener {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', false).enable('case sensitive routing').enable('strict routing');
  for (const method of ['validate', 'mutate'] as const) {
    app.post(`/${method}`, ((request, response) => handler.handle(method, request, response)) satisfies RequestHandler);
    app.all(`/${method}`, (request, response) => {
      response.setHeader('Allow', 'POST');
      handler.refuse(new Refusal(405, 'method', 'Only POST is answered here'), request, response);
    });
  }
  app.use((request, response) => handler.refuse(new Refusal(404, 'path', 'There is only /validate and /mutate'), request, response));
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => handler.fail(error, request, response));
  return (request, response) => void app(request, response);
}
