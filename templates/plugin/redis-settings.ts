/** A source of images: a file with settings of redis. */
import { FileTree, defineSource, inlineFile, treePath, type Plugin, type StandardSchema } from "image-dsl/plugin";

export interface RedisSettings {
  /** What is kept in memory at most, such as `64mb`. */
  readonly maxmemory: string;
  /** What makes room when that is full. @default "noeviction" */
  readonly policy?: "noeviction" | "allkeys-lru" | "allkeys-lfu" | undefined;
}

/** Where it lands: beside Debian's own file, which stays as it is. */
export const SETTINGS_FILE = "/etc/redis/settings.conf";

const POLICIES: readonly unknown[] = [undefined, "noeviction", "allkeys-lru", "allkeys-lfu"];

/** What the compiler cannot see: configs may be JavaScript. Any library with the Standard Schema interface will do. */
const schema: StandardSchema = {
  "~standard": {
    version: 1,
    vendor: "__NAME__",
    validate(value) {
      const { maxmemory, policy } = (value ?? {}) as Partial<Record<keyof RedisSettings, unknown>>;
      const issues = [
        ...(/^\d+[kmg]b$/.test(String(maxmemory))
          ? []
          : [{ message: 'expected a size, such as "64mb"', path: ["maxmemory"] }]),
        ...(POLICIES.includes(policy) ? [] : [{ message: "expected one of redis' policies", path: ["policy"] }]),
      ];
      return issues.length > 0 ? { issues } : { value };
    },
  },
};

const KIND = "redis-settings";

/** Settings of redis, as a file that redis-server is started with. */
export const redisSettings = defineSource<typeof KIND, RedisSettings>(KIND, schema);

export const redisSettingsPlugin: Plugin = {
  name: KIND,
  sources: [redisSettings],
  apply(builder) {
    builder.hooks.build.tap(KIND, ({ hooks }) => {
      // Called for each `redisSettings({ … })` of an image, with what the schema let through.
      hooks.collect.for(KIND).tap(KIND, ({ options }) => {
        const { maxmemory, policy = "noeviction" } = options as RedisSettings;
        const text = `maxmemory ${maxmemory}\nmaxmemory-policy ${policy}\n`;
        const tree = FileTree.of([inlineFile(treePath(SETTINGS_FILE), Buffer.from(text))]);
        // A node may need others by their ids; layers are made of nodes.
        const node = { id: KIND, kind: KIND, name: KIND, tree, size: tree.contentSize(), needs: [] };
        return { nodes: [node], roots: [node.id] };
      });
    });
  },
};
