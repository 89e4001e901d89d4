/** A question of several requests at once, on one connection: each waits there for the answers before it. */
import type { Question } from "./questions.ts";

/** `wanted`: by path, what is in its answer. */
export function httpQuestion(at: number, wanted: Readonly<Record<string, string>>): Question {
  const paths = Object.keys(wanted);
  const requests = paths.map((path, index) => {
    const connection = index === paths.length - 1 ? "close" : "keep-alive";
    return `GET ${path} HTTP/1.1\r\nHost: localhost:${at}\r\nConnection: ${connection}\r\n\r\n`;
  });
  const isRight = (answer: string): boolean => Object.values(wanted).every((text) => answer.includes(text));
  return { kind: "tcp", at, send: requests.join(""), isRight };
}
