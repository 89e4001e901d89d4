/** A syntax tree as a program of a few kinds of instructions (Thompson's construction): its size bounds all matching. */
import { NotCovered } from "../shell/state.ts";
import { type CharacterSet, WORD } from "./character-set.ts";
import type { Assertion, Node } from "./syntax.ts";

export type Instruction =
  /** Takes one character of the set and goes on behind itself. */
  | { readonly kind: "set"; readonly set: CharacterSet }
  | { readonly kind: "assert"; readonly what: Assertion }
  /** Keeps the place: 2n for the start of group n, 2n + 1 for its end. */
  | { readonly kind: "save"; readonly slot: number }
  /** Goes on at both places, preferring the first. */
  | { readonly kind: "split"; first: number; second: number }
  | { readonly kind: "jump"; to: number }
  | { readonly kind: "match" };

export type Program = readonly Instruction[];

const MAX_PROGRAM = 5_000;

/** It starts at 0. */
export function compileProgram(root: Node): Program {
  const program: Instruction[] = [];
  const push = <Kind extends Instruction>(instruction: Kind): Kind => {
    if (program.length >= MAX_PROGRAM) throw new NotCovered("a regular expression repeats too much");
    program.push(instruction);
    return instruction;
  };
  const split = () => push({ kind: "split", first: program.length + 1, second: 0 });
  const emit = (node: Node): void => {
    switch (node.kind) {
      case "set":
        push({ kind: "set", set: node.set });
        return;
      case "assert":
        push({ kind: "assert", what: node.what });
        return;
      case "group":
        push({ kind: "save", slot: 2 * node.index });
        emit(node.body);
        push({ kind: "save", slot: 2 * node.index + 1 });
        return;
      case "sequence":
        for (const item of node.items) emit(item);
        return;
      case "alternatives": {
        const jumps = node.items.slice(0, -1).map((item) => {
          const choice = split();
          emit(item);
          const jump = push({ kind: "jump", to: 0 });
          choice.second = program.length;
          return jump;
        });
        emit(node.items.at(-1)!);
        for (const jump of jumps) jump.to = program.length;
        return;
      }
      case "repeat":
        repeat(node.body, node.min, node.max);
    }
  };
  const repeat = (body: Node, min: number, max: number): void => {
    for (let count = 0; count < min; count++) emit(body);
    if (max === Infinity) {
      const start = program.length;
      const choice = split();
      emit(body);
      push({ kind: "jump", to: start });
      choice.second = program.length;
      return;
    }
    const choices = Array.from({ length: max - min }, () => {
      const choice = split();
      emit(body);
      return choice;
    });
    for (const choice of choices) choice.second = program.length;
  };
  emit(root);
  push({ kind: "match" });
  return program;
}

/** Whether an assertion holds between two characters; -1 stands for the text's start and end. */
export function holds(what: Assertion, before: number, after: number): boolean {
  const wordBefore = before >= 0 && WORD[before] === 1;
  const wordAfter = after >= 0 && WORD[after] === 1;
  switch (what) {
    case "start":
      return before < 0;
    case "end":
      return after < 0;
    case "boundary":
      return wordBefore !== wordAfter;
    case "no-boundary":
      return wordBefore === wordAfter;
    case "word-start":
      return !wordBefore && wordAfter;
    case "word-end":
      return wordBefore && !wordAfter;
    case "no-word-before":
      return !wordBefore;
    case "no-word-after":
      return !wordAfter;
  }
}

export function codeAt(text: string, at: number): number {
  return at >= 0 && at < text.length ? text.charCodeAt(at) : -1;
}
