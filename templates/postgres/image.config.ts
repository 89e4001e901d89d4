import { debian, defineConfig, files, image } from "image-dsl";

const data = "/var/lib/postgresql/data";

export default defineConfig({
  postgres: image({
    name: "postgres",
    contents: [
      // With a shell, for start.sh and for what initdb runs.
      debian({ suite: "bookworm", packages: ["postgresql-15", "dash"] }),
      files("start.sh", { dest: "/usr/local/bin/" }),
    ],
    entrypoint: ["/usr/local/bin/start.sh"],
    env: {
      PATH: "/usr/lib/postgresql/15/bin:/usr/bin:/bin",
      PGDATA: data,
      PGHOST: "/tmp",
      PGUSER: "postgres",
    },
    // The user and its id are what Debian's own script would have made; the folder becomes its own.
    user: "postgres",
    workdir: data,
    volumes: [data],
    expose: [5432],
    healthcheck: { cmd: ["pg_isready", "--quiet"], startPeriod: "30s" },
    // The fast shutdown: SIGTERM would wait until the last client has gone.
    stopSignal: "SIGINT",
  }),
});
