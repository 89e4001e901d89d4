/**
 * How many columns a text takes. The bundle has this in place of the package that yargs measures its help with: that
 * one knows all scripts and emoji, for which it prepares for a third of the time that the command line takes to start.
 */
import { stripVTControlCharacters } from "node:util";

/** Right for what our help is made of: one column for each character. */
function textWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

// oxlint-disable-next-line no-default-export -- as the package that it stands for
export default textWidth;
