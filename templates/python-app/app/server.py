"""What gunicorn serves: server:app."""

from flask import Flask, jsonify

app = Flask(__name__)


@app.get("/")
def hello():
    return jsonify(message="Hello from __NAME__")


@app.get("/health")
def health():
    return "ok\n"
