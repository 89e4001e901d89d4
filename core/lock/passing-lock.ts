/** The lock of what no config asks for: of nothing that is kept, but what was found out once holds for as long as it is used. */
import { canonicalJson, type Json } from "../model/json.ts";
import { checkedAnswer, type AnswerSchema } from "./answer.ts";
import type { LockFile } from "./lock-file.ts";

/** Whoever asks, whatever the target and the platform: a tag that moves meanwhile is one image all the same. */
export function passingLock(): LockFile {
  const answers = new Map<string, Json>();
  const keyOf = (kind: string, request: Json): string => canonicalJson([kind, request]);
  const answerOf = <Answer>(kind: string, request: Json, schema: AnswerSchema<Answer>): Answer | undefined => {
    const answer = answers.get(keyOf(kind, request));
    return answer === undefined ? undefined : checkedAnswer(schema, answer, (why) => new Error(`${kind}: ${why}`));
  };
  const write = (kind: string, _: string, request: Json, answer: Json): void =>
    void answers.set(keyOf(kind, request), answer);
  return {
    read: (kind, _, request, schema) => answerOf(kind, request, schema),
    peek: answerOf,
    previous: () => [],
    renews: () => false,
    write,
    remember: write,
    review: () => ({ unpinned: [], unasked: [] }),
    refuseUnknownName: () => {},
    expectSave: () => {},
    save: () => Promise.resolve(false),
  };
}
