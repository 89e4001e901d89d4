import { defineConfig, files, image, step } from "image-dsl";

const compile = step({
  name: "compile",
  inputs: { src: files("src") },
  run: 'cc -O2 -Wall -static -s -o "$out/server" "$inputs_src/server.c"',
  dest: "/usr/local/bin",
});

export default defineConfig({
  "static-binary": image({
    name: "static-binary",
    contents: compile,
    cmd: ["/usr/local/bin/server"],
    // A number needs no /etc/passwd.
    user: 1000,
    expose: [8080],
  }),
});
