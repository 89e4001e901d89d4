/** What the container of each template is asked. */
import { httpQuestion } from "../servers/http-question.ts";
import type { Question } from "../servers/questions.ts";
import { QUESTIONS } from "../servers/questions.ts";

/** What all of ours that serve HTTP say on port 8080. */
export const HELLO: Question = {
  kind: "tcp",
  at: 8080,
  send: "GET / HTTP/1.0\r\n\r\n",
  isRight: (answer) => /^HTTP\/1\.[01] 200 OK[^]*Hello from /.test(answer),
};

export const TEMPLATE_QUESTIONS: Readonly<Record<string, Question>> = {
  "bun-app": HELLO,
  "deno-app": HELLO,
  monorepo: HELLO,
  next: httpQuestion(8080, { "/robots.txt": "User-agent: *", "/health": "ok\n", "/": "Hello from " }),
  "node-app": HELLO,
  "nix-app": HELLO,
  // What the plugin wrote, as redis understood it.
  plugin: {
    kind: "tcp",
    at: 6379,
    send: "CONFIG GET maxmemory\r\n",
    isRight: (answer) => answer.includes("67108864"),
  },
  postgres: QUESTIONS["postgresql"]!,
  "python-app": HELLO,
  "static-binary": HELLO,
};
