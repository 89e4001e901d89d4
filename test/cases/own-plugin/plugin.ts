import { FileTree, defineSource, digestOf, treePath, type Plugin, type StandardSchema } from "image-dsl/plugin";

/** A schema by hand: any library with the Standard Schema interface will do. */
const schema: StandardSchema = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => (typeof value === "string" ? { value } : { issues: [{ message: "Expected a word" }] }),
  },
};
const source = defineSource<"shout", string>("shout", schema);

const plugin: Plugin = {
  name: "shout",
  sources: [source],
  apply(builder) {
    builder.hooks.build.tap("shout", ({ hooks }) => {
      hooks.collect.for("shout").tapPromise("shout", async ({ options }) => {
        const bytes = new TextEncoder().encode(String(options).toUpperCase());
        const tree = FileTree.of([
          {
            type: "file",
            path: treePath("/shout"),
            mode: 0o644,
            uid: 0,
            gid: 0,
            mtime: 1,
            size: bytes.length,
            content: { kind: "inline", bytes },
          },
        ]);
        const id = `shout:${digestOf(bytes).slice(7, 19)}`;
        return { nodes: [{ id, kind: "shout", name: "shout", tree, size: bytes.length, needs: [] }], roots: [id] };
      });
    });
  },
};

export const shout = Object.assign((word: string) => source(word), { plugin });
