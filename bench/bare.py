"""The measure: Flask with nothing of ours in it."""

from flask import Flask, Response, jsonify

app = Flask(__name__)


@app.get("/")
def hello() -> Response:
    return jsonify(hello="world")
