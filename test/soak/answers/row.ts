/** A row for a container that is to answer and to end by SIGTERM. */
import type { SoakRow } from "../../../scripts/soak.ts";
import type { Answered } from "../../e2e/templates/answer.ts";

/** What SIGTERM may take. */
const MOST_MILLISECONDS = 1000;

export async function rowOfAnswer(what: string, answer: () => Promise<Answered>): Promise<SoakRow> {
  const aim = `answers; status 0 in ${MOST_MILLISECONDS} ms`;
  try {
    const { status, milliseconds } = await answer();
    const figure = `status ${status} in ${milliseconds.toFixed(0)} ms`;
    return { what, figure, aim, ok: status === 0 && milliseconds < MOST_MILLISECONDS };
  } catch (error) {
    console.error(`  ${what}: ${(error as Error).message}`);
    return { what, figure: "does not answer", aim, ok: false };
  }
}
