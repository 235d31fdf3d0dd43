#include "tests/bench/onnx_model.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>
#include <onnxruntime_c_api.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iostream>
#include <stdexcept>
#include <streambuf>
#include <string_view>
#include <vector>

#include "server/image/image.h"

namespace digits {
namespace {

// Old enough for every ONNX Runtime there is, and nothing newer is needed.
constexpr int kIrVersion = 7;
constexpr int kOpset = 13;

constexpr char kInput[] = "inputs";
constexpr char kOutput[] = "probabilities";

const char* OperatorFor(Activation activation) {
  switch (activation) {
    case Activation::kRelu:
      return "Relu";
    case Activation::kSigmoid:
      return "Sigmoid";
    case Activation::kTanh:
      return "Tanh";
    case Activation::kSoftmax:
      return "Softmax";  // over the last axis, as is the default
  }
  return "";
}

void AddConstant(onnx::GraphProto& graph, const std::string& name,
                 std::initializer_list<int64_t> dims, std::vector<float> values, float divisor) {
  for (float& value : values) value /= divisor;
  onnx::TensorProto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const int64_t dim : dims) tensor.add_dims(dim);
  tensor.set_raw_data(values.data(), values.size() * sizeof(float));
}

onnx::NodeProto& AddNode(onnx::GraphProto& graph, const char* type,
                         std::initializer_list<std::string_view> inputs,
                         const std::string& output) {
  onnx::NodeProto& node = *graph.add_node();
  node.set_name(output);
  node.set_op_type(type);
  for (const std::string_view input : inputs) node.add_input(std::string(input));
  node.add_output(output);
  return node;
}

void Describe(onnx::ValueInfoProto& value, const char* name, int columns) {
  value.set_name(name);
  onnx::TypeProto::Tensor& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param("n");
  type.mutable_shape()->add_dim()->set_dim_value(columns);
}

// The network in ONNX's format.
std::string Serialize(const Network& network) {
  onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.add_opset_import()->set_version(kOpset);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("digits");
  Describe(*graph.add_input(), kInput, network.layers.front().inputs);
  Describe(*graph.add_output(), kOutput, network.layers.back().outputs);

  std::string input = kInput;
  for (size_t i = 0; i < network.layers.size(); ++i) {
    const DenseLayer& layer = network.layers[i];
    const bool last = i + 1 == network.layers.size();
    const float divisor = last ? network.temperature : 1;
    const std::string weights = fmt::format("weights{}", i);
    const std::string bias = fmt::format("bias{}", i);
    const std::string sums = fmt::format("sums{}", i);
    const std::string output = last ? kOutput : fmt::format("outputs{}", i);
    AddConstant(graph, weights, {layer.outputs, layer.inputs}, layer.weights, divisor);
    AddConstant(graph, bias, {layer.outputs}, layer.bias, divisor);
    onnx::AttributeProto& transposed =
        *AddNode(graph, "Gemm", {input, weights, bias}, sums).add_attribute();
    transposed.set_name("transB");  // the weights are outputs x inputs
    transposed.set_type(onnx::AttributeProto::INT);
    transposed.set_i(1);
    AddNode(graph, OperatorFor(layer.activation), {sums}, output);
    input = output;
  }
  return model.SerializeAsString();
}

const OrtApi& Ort() {
  static const OrtApi* const api = OrtGetApiBase()->GetApi(ORT_API_VERSION);
  if (api == nullptr) throw std::runtime_error("ONNX Runtime's library is older than its header");
  return *api;
}

void Check(OrtStatus* status) {
  if (status == nullptr) return;
  const OrtOwned<OrtStatus> owner(status, Ort().ReleaseStatus);
  throw std::runtime_error(Ort().GetErrorMessage(status));
}

OrtOwned<OrtEnv> MakeEnv() {
  OrtEnv* env = nullptr;
  Check(Ort().CreateEnv(ORT_LOGGING_LEVEL_ERROR, "digits", &env));
  return {env, Ort().ReleaseEnv};
}

OrtOwned<OrtSession> MakeSession(const OrtEnv& env, const std::string& model) {
  OrtSessionOptions* options = nullptr;
  Check(Ort().CreateSessionOptions(&options));
  const OrtOwned<OrtSessionOptions> owner(options, Ort().ReleaseSessionOptions);
  Check(Ort().SetIntraOpNumThreads(options, 1));
  Check(Ort().SetInterOpNumThreads(options, 1));
  Check(Ort().SetSessionExecutionMode(options, ORT_SEQUENTIAL));
  Check(Ort().SetSessionGraphOptimizationLevel(options, ORT_ENABLE_ALL));
  // Debian's libonnx and ONNX Runtime both register every operator, which the former says of each
  // on std::cerr.
  std::streambuf* const shown = std::cerr.rdbuf(nullptr);
  OrtSession* session = nullptr;
  OrtStatus* const status =
      Ort().CreateSessionFromArray(&env, model.data(), model.size(), options, &session);
  std::cerr.rdbuf(shown);
  Check(status);
  return {session, Ort().ReleaseSession};
}

// Over `values`, which must outlive it.
OrtOwned<OrtValue> MakeTensor(FloatBuffer& values, size_t columns) {
  OrtMemoryInfo* info = nullptr;
  Check(Ort().CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &info));
  const OrtOwned<OrtMemoryInfo> owner(info, Ort().ReleaseMemoryInfo);
  const std::array shape = {static_cast<int64_t>(values.size() / columns),
                            static_cast<int64_t>(columns)};
  OrtValue* tensor = nullptr;
  Check(Ort().CreateTensorWithDataAsOrtValue(info, values.data(), values.size() * sizeof(float),
                                             shape.data(), shape.size(),
                                             ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &tensor));
  return {tensor, Ort().ReleaseValue};
}

}  // namespace

std::string OnnxRuntimeVersion() { return OrtGetApiBase()->GetVersionString(); }

OnnxModel::OnnxModel(const Network& network)
    : input_scale_(network.input_scale),
      input_offset_(network.input_offset),
      classes_(network.class_names.size()),
      env_(MakeEnv()),
      session_(MakeSession(*env_, Serialize(network))) {}

FloatBuffer OnnxModel::Inputs(std::span<const uint8_t> pixels) const {
  FloatBuffer inputs(pixels.size());
  std::ranges::transform(pixels, inputs.begin(), [&](uint8_t pixel) {
    return static_cast<float>(pixel) * input_scale_ + input_offset_;
  });
  return inputs;
}

OnnxBatch::OnnxBatch(const OnnxModel& model, std::span<const uint8_t> pixels)
    : session_(model.session()),
      inputs_(model.Inputs(pixels)),
      probabilities_(pixels.size() / kImagePixels * model.classes()),
      input_(MakeTensor(inputs_, kImagePixels)),
      output_(MakeTensor(probabilities_, model.classes())) {}

void OnnxBatch::Run() {
  const char* const input_name = kInput;
  const char* const output_name = kOutput;
  const OrtValue* const input = input_.get();
  OrtValue* output = output_.get();
  Check(Ort().Run(&session_, nullptr, &input_name, &input, 1, &output_name, 1, &output));
}

}  // namespace digits
