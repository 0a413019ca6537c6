"""onnxruntime: predictions by a graph of Gemm, Relu and Softmax, with inputs and outputs bound once."""

import numpy as np
import onnx
import onnxruntime
from cases import CASES
from onnx import TensorProto, helper, numpy_helper
from worker import CALLS, arguments, repeated, serve, timed


def graph(case):
    nodes, initializers, name = [], [], "x"
    layers = case.weights(np.float32)
    for l, (weights, bias) in enumerate(layers):
        initializers += [numpy_helper.from_array(weights, f"W{l}"), numpy_helper.from_array(bias, f"b{l}")]
        nodes.append(helper.make_node("Gemm", [name, f"W{l}", f"b{l}"], [f"z{l}"], transB=1))
        last = l + 1 == len(layers)
        name = "a" if last else f"a{l}"
        nodes.append(helper.make_node("Softmax" if last else "Relu", [f"z{l}"], [name]))
    inputs = helper.make_tensor_value_info("x", TensorProto.FLOAT, [case.rows, case.sizes[0]])
    outputs = helper.make_tensor_value_info("a", TensorProto.FLOAT, [case.rows, case.sizes[-1]])
    model = helper.make_model(
        helper.make_graph(nodes, "network", [inputs], [outputs], initializers),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    onnx.checker.check_model(model)
    return model.SerializeToString()


def main():
    args = arguments()
    case = CASES[args.case]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = args.threads
    session = onnxruntime.InferenceSession(graph(case), options, providers=["CPUExecutionProvider"])
    x = onnxruntime.OrtValue.ortvalue_from_numpy(case.x(np.float32))
    a = onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros((case.rows, case.sizes[-1]), np.float32))
    binding = session.io_binding()
    binding.bind_ortvalue_input("x", x)
    binding.bind_ortvalue_output("a", a)
    session.run_with_iobinding(binding)
    first = {"first": float(a.numpy()[0, 0])}

    def predict():
        session.run_with_iobinding(binding)
        return first

    calls = CALLS if case.kind == "call" else 1
    serve("onnxruntime", onnxruntime.__version__, repeated(timed(predict, calls)))


main()
