/** Colours, where they are wanted. */
import { styleText } from "node:util";

export type Colour = "red" | "yellow" | "green" | "cyan" | "bold" | "dim";
export type Paint = (colour: Colour, text: string) => string;

export function painter(colour: boolean): Paint {
  // Whether colours fit was decided by the caller; styleText's own look at a stream differs between runtimes.
  return colour ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}
