/** An image on its way, as progress. */
import type { BuildContext } from "../../core/index.ts";

export async function* withProgress(
  chunks: AsyncIterable<Uint8Array>,
  task: string,
  { emit }: Pick<BuildContext, "emit">,
): AsyncGenerator<Uint8Array, void, undefined> {
  let done = 0;
  for await (const chunk of chunks) {
    done += chunk.length;
    yield chunk;
    emit({ type: "progress", task, done, total: 0, unit: "bytes" });
  }
}
