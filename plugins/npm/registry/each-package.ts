/** Fetching and reading many packages, some at a time, with their count told. */
import type { BuildContext } from "../../../core/index.ts";

export async function eachPackage<Item, Result>(
  items: readonly Item[],
  task: (item: Item) => Promise<Result>,
  { tasks, emit }: Pick<BuildContext, "tasks" | "emit">,
): Promise<readonly Result[]> {
  let done = 0;
  return tasks.map("net", items, async (item) => {
    const result = await task(item);
    emit({ type: "progress", task: "Reading npm packages", done: ++done, total: items.length, unit: "items" });
    return result;
  });
}
