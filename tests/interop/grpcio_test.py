"""A Python client against the real server: stubs made from the shipped .proto, answers, errors.

usage: grpcio_test.py SERVER PROTO_FOLDER
"""

import json
import math
import pathlib
import subprocess
import sys
import tempfile
import unittest

SKIPPED = 77
DEADLINE = 30  # seconds, for every call

try:
    import grpc
    from google.protobuf import any_pb2  # which registers any.proto
    from google.protobuf import descriptor_pb2
    from google.protobuf import descriptor_pool
    from google.protobuf import message_factory
except ImportError as error:
    print(f"skipped: {error}; install python3-grpcio and python3-protobuf")
    sys.exit(SKIPPED)

SERVER, PROTO_FOLDER = sys.argv[1:3]


def make_stubs(folder):
    """Writes digits/v1/digits_pb2.py and its stubs as any user would, and returns the modules."""
    subprocess.run(
        ["protoc", f"--python_out={folder}", f"--grpc_out={folder}",
         "--plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin",
         "-I", PROTO_FOLDER, "digits/v1/digits.proto"], check=True)
    sys.path.insert(0, str(folder))
    from digits.v1 import digits_pb2, digits_pb2_grpc
    return digits_pb2, digits_pb2_grpc


def google_rpc_classes():
    """google.rpc.Status and google.rpc.BadRequest as Google publishes them.

    Debian has no Python package of theirs, so that they are described here by number and type.
    """
    file = descriptor_pb2.FileDescriptorProto(
        name="google/rpc/for_test.proto", package="google.rpc", syntax="proto3",
        dependency=["google/protobuf/any.proto"])
    field_type = descriptor_pb2.FieldDescriptorProto

    def add_field(message, name, number, kind, repeated=False, type_name=None):
        message.field.add(
            name=name, number=number, type=kind, type_name=type_name,
            label=field_type.LABEL_REPEATED if repeated else field_type.LABEL_OPTIONAL)

    status = file.message_type.add(name="Status")
    add_field(status, "code", 1, field_type.TYPE_INT32)
    add_field(status, "message", 2, field_type.TYPE_STRING)
    add_field(status, "details", 3, field_type.TYPE_MESSAGE, True, ".google.protobuf.Any")
    bad_request = file.message_type.add(name="BadRequest")
    violation = bad_request.nested_type.add(name="FieldViolation")
    add_field(violation, "field", 1, field_type.TYPE_STRING)
    add_field(violation, "description", 2, field_type.TYPE_STRING)
    add_field(bad_request, "field_violations", 1, field_type.TYPE_MESSAGE, True,
              ".google.rpc.BadRequest.FieldViolation")
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    factory = message_factory.MessageFactory(pool)
    return [factory.GetPrototype(pool.FindMessageTypeByName(f"google.rpc.{name}"))
            for name in ("Status", "BadRequest")]


def bad_request_of(error):
    """The google.rpc.BadRequest in an RpcError's trailers."""
    status_class, bad_request_class = google_rpc_classes()
    trailers = dict(error.trailing_metadata())
    status = status_class.FromString(trailers["grpc-status-details-bin"])
    bad_request = bad_request_class()
    assert status.code == error.code().value[0]
    assert status.details[0].Unpack(bad_request)
    return bad_request


class GrpcioTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.digits, stubs = make_stubs(pathlib.Path(cls.folder.name))
        cls.server = subprocess.Popen(
            [SERVER, "--listen", "127.0.0.1:0", "--http", "none", "--log-format", "json"],
            stderr=subprocess.PIPE, text=True)
        events = map(json.loads, cls.server.stderr)
        address = next(e["address"] for e in events if e["event"] == "listening")
        cls.channel = grpc.insecure_channel(address)
        cls.stub = stubs.DigitClassifierStub(cls.channel)

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()
        cls.server.terminate()
        cls.server.communicate(timeout=DEADLINE)
        cls.folder.cleanup()

    def image(self, seed=0):
        return bytes((i * 31 + seed * 97) % 256 for i in range(784))

    def test_classify_answers_a_label_and_probabilities(self):
        response = self.stub.Classify(
            self.digits.ClassifyRequest(pixels=self.image()), timeout=DEADLINE)
        self.assertEqual(len(response.probabilities), 10)
        self.assertAlmostEqual(sum(response.probabilities), 1, places=5)
        self.assertEqual(response.confidence, max(response.probabilities))
        self.assertEqual(response.probabilities[response.label], response.confidence)
        self.assertEqual(response.model, "best")
        self.assertTrue(math.isfinite(response.digit_score))
        self.assertNotEqual(response.digit_score, 0)

    def test_a_batch_answers_what_single_calls_do(self):
        # Bars of growing width: some look more like digits than others.
        images = [bytes(255 if i % 28 in range(13, 13 + width) and i // 28 in range(4, 24) else 0
                        for i in range(784)) for width in range(1, 6)]
        batch = self.stub.ClassifyBatch(
            self.digits.ClassifyBatchRequest(pixels=b"".join(images)), timeout=DEADLINE)
        singles = [self.stub.Classify(self.digits.ClassifyRequest(pixels=i), timeout=DEADLINE)
                   for i in images]
        self.assertEqual(list(batch.labels), [s.label for s in singles])
        scores = [s.digit_score for s in singles]
        self.assertEqual(len({round(s, 2) for s in scores}), 5, scores)
        self.assertEqual(len(batch.digit_scores), 5)
        for batched, single in zip(batch.digit_scores, scores):
            self.assertAlmostEqual(batched, single, places=3)

    def test_a_stream_answers_in_order_and_survives_a_bad_image(self):
        def requests():
            for number in range(10):
                pixels = self.image(number) if number != 5 else b"too short"
                yield self.digits.ClassifyStreamRequest(
                    id=number, request=self.digits.ClassifyRequest(pixels=pixels))

        answers = list(self.stub.ClassifyStream(requests(), timeout=DEADLINE))
        self.assertEqual([a.id for a in answers], list(range(10)))
        self.assertEqual([a.WhichOneof("result") for a in answers],
                         ["response"] * 5 + ["error"] + ["response"] * 4)
        self.assertEqual(answers[5].error.code, grpc.StatusCode.INVALID_ARGUMENT.value[0])
        self.assertEqual(answers[5].error.field, "request.pixels")

    def test_a_bad_image_is_an_invalid_argument_that_names_pixels(self):
        with self.assertRaises(grpc.RpcError) as raised:
            self.stub.Classify(self.digits.ClassifyRequest(pixels=b"\0" * 783), timeout=DEADLINE)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        violation, = bad_request_of(raised.exception).field_violations
        self.assertEqual(violation.field, "pixels")
        self.assertIn("783", violation.description)

    def test_an_unknown_model_is_not_found(self):
        with self.assertRaises(grpc.RpcError) as raised:
            self.stub.Classify(self.digits.ClassifyRequest(pixels=self.image(), model="none"),
                               timeout=DEADLINE)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_the_models_are_listed(self):
        models = self.stub.ListModels(self.digits.ListModelsRequest(), timeout=DEADLINE).models
        self.assertEqual([m.name for m in models], ["best"])
        self.assertEqual(models[0].version, models[0].sha256[:12])
        self.assertTrue(models[0].HasField("digit_threshold"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
