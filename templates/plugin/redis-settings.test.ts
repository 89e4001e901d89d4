import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { build, defineConfig, image } from "image-dsl";
import { SETTINGS_FILE, redisSettings, redisSettingsPlugin, type RedisSettings } from "./redis-settings.ts";

const folder = mkdtempSync(join(tmpdir(), "redis-settings-"));
after(() => rmSync(folder, { recursive: true }));

/** Builds an image with nothing but the settings, and gives their file. */
async function settingsOf(options: RedisSettings): Promise<string> {
  const root = join(folder, "root");
  const config = defineConfig({
    plugins: [redisSettingsPlugin],
    images: { settings: image({ name: "settings", contents: redisSettings(options) }) },
  });
  await build(config, { outputs: [`rootfs:${root}`] });
  return readFileSync(join(root, SETTINGS_FILE), "utf8");
}

test("settings are lines of redis' own", async () => {
  const text = await settingsOf({ maxmemory: "64mb", policy: "allkeys-lru" });
  assert.equal(text, "maxmemory 64mb\nmaxmemory-policy allkeys-lru\n");
});

test("a size that redis would not understand is refused before anything is built", async () => {
  await assert.rejects(settingsOf({ maxmemory: "much" }), { code: "E_CONFIG_INVALID", message: /such as "64mb"/ });
});
