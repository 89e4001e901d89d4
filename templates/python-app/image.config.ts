import { debian, defineConfig, files, image } from "image-dsl";

export default defineConfig({
  "python-app": image({
    name: "python-app",
    contents: [
      debian({ suite: "bookworm", packages: ["python3", "python3-flask", "gunicorn"] }),
      files("app", { dest: "/app", exclude: ["**/__pycache__/**"] }),
    ],
    // Bytecode is not written where the file system is read-only anyway; what is printed is seen at once.
    env: { PYTHONDONTWRITEBYTECODE: "1", PYTHONUNBUFFERED: "1" },
    cmd: ["/usr/bin/gunicorn", "--bind", "0.0.0.0:8080", "--access-logfile", "-", "server:app"],
    user: { name: "app", uid: 1000 },
    workdir: "/app",
    expose: [8080],
    healthcheck: {
      cmd: ["/usr/bin/python3", "-c", 'import urllib.request as r; r.urlopen("http://127.0.0.1:8080/health")'],
    },
  }),
});
