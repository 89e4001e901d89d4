/**
 * Contents to be filled in, packed for another thread: one text and one array of numbers, however many they are. A list
 * of entries would be copied object by object, which takes longer than reading small files does.
 */
import type { TreePath } from "../model/path.ts";
import type { ReadableFile } from "../tree/content.ts";
import type { ContentPlace } from "../tar/pieces.ts";

export interface PackedContents {
  /** Of each: its file on the host and its path in the image, each ended by a NUL. */
  readonly names: string;
  readonly numbers: Float64Array;
}

/** Of each: at, from, length and size; then SLICE and its offset, or HOST and the five numbers of its stat record. */
const NUMBERS = 10;
const SLICE = 0;
const HOST = 1;

/** None may be in memory: the thread would need a copy of that. */
export function packContents(places: readonly ContentPlace[]): PackedContents {
  const numbers = new Float64Array(places.length * NUMBERS);
  let names = "";
  for (const [index, { file, at, from, length }] of places.entries()) {
    const { content, path, size } = file;
    if (content.kind === "inline") throw new Error("What is in memory is not handed to a thread");
    names += `${content.file}\0${path}\0`;
    const first = index * NUMBERS;
    numbers[first] = at;
    numbers[first + 1] = from;
    numbers[first + 2] = length;
    numbers[first + 3] = size;
    if (content.kind === "slice") {
      numbers[first + 4] = SLICE;
      numbers[first + 5] = content.offset;
      continue;
    }
    const { stat } = content;
    numbers[first + 4] = HOST;
    numbers[first + 5] = stat.size;
    numbers[first + 6] = stat.mtimeMs;
    numbers[first + 7] = stat.ctimeMs;
    numbers[first + 8] = stat.ino;
    numbers[first + 9] = stat.dev;
  }
  return { names, numbers };
}

export function* unpackContents({ names, numbers }: PackedContents): Generator<ContentPlace> {
  const texts = names.split("\0");
  for (let index = 0; index * NUMBERS < numbers.length; index++) {
    const first = index * NUMBERS;
    const number = (offset: number): number => numbers[first + offset]!;
    const file = texts[2 * index]!;
    const content: ReadableFile["content"] =
      number(4) === SLICE
        ? { kind: "slice", file, offset: number(5) }
        : {
            kind: "host",
            file,
            stat: { size: number(5), mtimeMs: number(6), ctimeMs: number(7), ino: number(8), dev: number(9) },
          };
    yield {
      file: { path: texts[2 * index + 1]! as TreePath, size: number(3), content },
      at: number(0),
      from: number(1),
      length: number(2),
    };
  }
}
