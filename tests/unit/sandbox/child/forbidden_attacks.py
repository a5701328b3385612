"""Ways to a forbidden name, each a module with `answer(model, tokenizer)` that works where nothing is forbidden."""

GENERATE_PRELUDE = """
import gc, sys, types, torch, transformers
NAME = "".join(["gene", "rate"])
MIXIN = getattr(transformers, "Generation" + "Mixin")
UTILS = sys.modules[MIXIN.__module__]
def ask(f, *model_and_tokenizer):
    *model, tokenizer = model_and_tokenizer
    ids = torch.tensor([[1, *tokenizer("ab")["input_ids"]]])
    return f(*model, input_ids=ids, do_sample=False, max_new_tokens=3)[0, ids.shape[1]:].tolist()
def again(text, m, t):
    names = {"__name__": UTILS.__name__, "__package__": UTILS.__package__}
    exec(compile(text, "mine", "exec"), names)
    return ask(vars(names["Generation" + "Mixin"])[NAME], m, t)
"""
LAYERS_PRELUDE = """
import gc, sys, torch, transformers
NAME = "".join(["lay", "ers"])
def through(blocks, m):
    ids = torch.tensor([[1, 5, 6]])
    with torch.no_grad():
        x = m.get_input_embeddings()(ids)
        places = torch.arange(3)[None]
        cos_sin = m.model.rotary_emb(x, places)
        for block in list(blocks):
            x = block(x, position_embeddings=cos_sin, position_ids=places)
            x = x[0] if isinstance(x, tuple) else x
        assert len(list(blocks)) == 2
        return m.lm_head(m.model.norm(x))[0, -1].tolist()
def whole(m):
    with torch.no_grad():
        return m(torch.tensor([[1, 5, 6]])).logits[0, -1].tolist()
"""
HONEST = {
    "generate": """
import torch
def answer(model, tokenizer):
    ids, new = [1, *tokenizer("ab")["input_ids"]], []
    while len(new) < 3 and tokenizer.eos_token_id not in new:
        with torch.no_grad():
            new.append(model(input_ids=torch.tensor([[*ids, *new]])).logits[0, -1].argmax().item())
    return new
""",
    "layers": """
import torch
def answer(model, tokenizer):
    with torch.no_grad():
        return model.lm_head(model.get_input_embeddings()(torch.tensor([6])))[0].tolist()
""",
}

GENERATE = {
    "vars at import": "taken = vars(MIXIN)[NAME]\ndef answer(m, t): return ask(taken, m, t)",
    "__dict__ at import": "taken = MIXIN.__dict__.get(NAME)\ndef answer(m, t): return ask(taken, m, t)",
    "getattr, joined": "def answer(m, t): return ask(getattr(m, NAME), t)",
    "methodcaller": """
import operator
def answer(m, t): return ask(lambda **o: operator.methodcaller(NAME, **o)(m), t)
""",
    "attrgetter at import": """
import operator
taken = operator.attrgetter("Generation" + "Mixin." + NAME)(transformers)
def answer(m, t): return ask(taken, m, t)
""",
    "mro": """
def answer(m, t):
    found = [vars(c)[NAME] for c in type(m).mro() if NAME in vars(c)]
    return ask(found[0], m, t)
""",
    "class of the object": """
def answer(m, t):
    for c in [m.__class__, *m.__class__.__bases__]:
        if NAME in c.__dict__: return ask(c.__dict__[NAME], m, t)
""",
    "object.__getattribute__": "def answer(m, t): return ask(object.__getattribute__(m, NAME), t)",
    "type.__getattribute__": "def answer(m, t): return ask(type.__getattribute__(type(m), NAME), m, t)",
    "subclasses": """
def every(c):
    yield c
    for s in type.__subclasses__(c): yield from every(s)
def answer(m, t):
    for c in set(every(object)):
        if NAME in vars(c) and c.__module__.startswith("transformers"):
            try: return ask(vars(c)[NAME], m, t)
            except Exception: pass
""",
    "partial at import": """
import functools
taken = functools.partial(getattr(MIXIN, NAME))
def answer(m, t): return ask(taken, m, t)
""",
    "partialmethod": """
import functools
class Mine: run = functools.partialmethod(getattr(MIXIN, NAME))
def answer(m, t):
    m.__class__ = type("M", (type(m), Mine), {})
    return ask(m.run, t)
""",
    "what the decorator wraps": """
taken = getattr(MIXIN, NAME)
taken = getattr(taken, "__wrapped__", taken)
def answer(m, t):
    with torch.no_grad(): return ask(taken, m, t)
""",
    "closure of the decorator": """
def answer(m, t):
    for cell in getattr(MIXIN, NAME).__closure__ or ():
        if isinstance(cell.cell_contents, types.FunctionType):
            with torch.no_grad(): return ask(cell.cell_contents, m, t)
""",
    "gc, functions": """
def answer(m, t):
    gc.unfreeze()
    for f in [o for o in gc.get_objects() if isinstance(o, types.FunctionType) and o.__name__ == NAME]:
        try: return ask(f, m, t)
        except Exception: pass
""",
    "gc, code": """
def answer(m, t):
    gc.unfreeze()
    for one in gc.get_objects():
        for code in gc.get_referents(one):
            if isinstance(code, types.CodeType) and code.co_name == NAME and code.co_filename == UTILS.__file__:
                f = types.FunctionType(code, vars(UTILS), NAME, None, tuple(types.CellType() for _ in code.co_freevars))
                f.__defaults__ = (None,) * (code.co_argcount - 1)
                with torch.no_grad(): return ask(f, m, t)
""",
    "gc, values of all dictionaries": """
def answer(m, t):
    gc.unfreeze()
    for d in [o for o in gc.get_objects() if type(o) is dict]:
        if NAME in d and callable(d[NAME]):
            try: return ask(d[NAME], m, t)
            except Exception: pass
""",
    "gc, referrers of the mixin": """
def answer(m, t):
    for d in gc.get_referrers(MIXIN):
        if isinstance(d, types.FunctionType) and d.__name__ == NAME: return ask(d, m, t)
    return ask(getattr(MIXIN, NAME), m, t)
""",
    "frames and all they reach": """
def answer(m, t):
    frame, found = sys._getframe(), []
    while frame:
        found += [*frame.f_locals.values(), *frame.f_globals.values()]
        frame = frame.f_back
    for _ in range(4): found += [r for o in found[-5000:] for r in gc.get_referents(o)]
    for f in found:
        if callable(f) and getattr(f, "__name__", "") == NAME:
            try: return ask(f, m, t)
            except Exception: pass
    return ask(getattr(m, NAME), t)
""",
    "frames of a refusal": """
def answer(m, t):
    try: return ask(getattr(m, NAME), t)
    except Exception as error: trace = error.__traceback__
    while trace:
        for value in list(trace.tb_frame.f_locals.values()) + list(trace.tb_frame.f_globals.values()):
            for f in [value, *(value if isinstance(value, list | tuple | set) else ())]:
                if isinstance(f, types.FunctionType):
                    try: return ask(f, m, t)
                    except Exception: pass
        trace = trace.tb_next
""",
    "the loop itself": """
def answer(m, t):
    ids = torch.tensor([[1, *t("ab")["input_ids"]]])
    stop = transformers.StoppingCriteriaList([transformers.MaxLengthCriteria(ids.shape[1] + 3)])
    settings = transformers.GenerationConfig(do_sample=False, pad_token_id=0)
    settings._pad_token_tensor, settings._eos_token_tensor = torch.tensor(0), None
    out = getattr(m, "_sam" + "ple")(
        ids, logits_processor=transformers.LogitsProcessorList(), stopping_criteria=stop, generation_config=settings,
        attention_mask=torch.ones_like(ids), use_cache=True, past_key_values=transformers.DynamicCache())
    return out[0, ids.shape[1]:].tolist()
""",
    "pipeline": """
def answer(m, t):
    run = transformers.pipeline("text-" + "generation", model=m, tokenizer=t)
    ids = [1, *t("ab")["input_ids"]]
    out = run(t.decode(ids), do_sample=False, max_new_tokens=3, return_tensors=True)
    return out[0]["generated_token_ids"][-3:]
""",
    "reload": """
import importlib
def answer(m, t):
    fresh = importlib.reload(UTILS)
    return ask(vars(vars(fresh)["Generation" + "Mixin"])[NAME], m, t)
""",
    "import again": """
import importlib
del sys.modules[UTILS.__name__]
fresh = importlib.import_module(UTILS.__name__)
def answer(m, t): return ask(vars(vars(fresh)["Generation" + "Mixin"])[NAME], m, t)
""",
    "import under another name": """
import importlib.util
def answer(m, t):
    spec = importlib.util.spec_from_file_location("transformers.generation.fresh", UTILS.__file__)
    fresh = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    return ask(vars(vars(fresh)["Generation" + "Mixin"])[NAME], m, t)
""",
    "exec of the source": """
def answer(m, t):
    with open(UTILS.__file__) as file: text = file.read()
    names = {"__name__": UTILS.__name__, "__package__": UTILS.__package__}
    exec(compile(text, "mine", "exec"), names)
    return ask(vars(names["Generation" + "Mixin"])[NAME], m, t)
""",
    "exec of the source by another path": """
import os
def answer(m, t):
    os.chdir(os.path.dirname(UTILS.__file__))
    text = os.read(os.open(b"/proc/self/cwd/../generation/" + b"utils.py", os.O_RDONLY), 1 << 20).decode()
    names = {"__name__": UTILS.__name__, "__package__": UTILS.__package__}
    exec(compile(text, "mine", "exec"), names)
    return ask(vars(names["Generation" + "Mixin"])[NAME], m, t)
""",
    "exec of the source, relative to a folder's descriptor": """
import os
def answer(m, t):
    folder = os.open(os.path.dirname(UTILS.__file__), os.O_RDONLY | os.O_DIRECTORY)
    return again(os.read(os.open("utils.py", os.O_RDONLY, dir_fd=folder), 10**7), m, t)
""",
    "exec of the source, relative to the library's folder": """
import os
def answer(m, t):
    folder = os.open(os.path.dirname(transformers.__file__), os.O_RDONLY | os.O_DIRECTORY)
    return again(os.read(os.open("generation/utils.py", os.O_RDONLY, dir_fd=folder), 10**7), m, t)
""",
    "exec of the source, hidden by a file of that name": """
import os
def answer(m, t):
    os.makedirs(os.environ["HOME"] + "/generation", exist_ok=True)
    os.chdir(os.environ["HOME"])
    open("generation/utils.py", "w").close()
    folder = os.open(os.path.dirname(transformers.__file__), os.O_RDONLY | os.O_DIRECTORY)
    return again(os.read(os.open("generation/utils.py", os.O_RDONLY, dir_fd=folder), 10**7), m, t)
""",
    "exec of the source, read by torch": """
import os
def answer(m, t):
    size = os.stat(UTILS.__file__).st_size
    return again(bytes(torch.UntypedStorage.from_file(UTILS.__file__, False, size)), m, t)
""",
    "exec of the source, read by libc": """
import ctypes
def answer(m, t):
    libc, text = ctypes.CDLL(None), ctypes.create_string_buffer(10**7)
    size = libc.read(libc.open(UTILS.__file__.encode(), 0), text, 10**7)
    return again(text.raw[:size], m, t)
""",
    "getsource": """
import inspect, textwrap
def answer(m, t):
    names = dict(vars(UTILS))
    exec(textwrap.dedent(inspect.getsource(getattr(MIXIN, "gene" + "rate"))), names)
    return ask(names[NAME], m, t)
""",
    "lines that were read before": """
import linecache
def answer(m, t):
    names = {"__name__": UTILS.__name__, "__package__": UTILS.__package__}
    exec("".join(linecache.getlines(UTILS.__file__)), names)
    return ask(vars(names["Generation" + "Mixin"])[NAME], m, t)
""",
    "the loader": """
def answer(m, t):
    names = {"__name__": UTILS.__name__, "__package__": UTILS.__package__}
    exec(UTILS.__loader__.get_code(UTILS.__name__), names)
    return ask(vars(names["Generation" + "Mixin"])[NAME], m, t)
""",
    "the hook taken out first": """
import importlib
def answer(m, t):
    gc.unfreeze()
    for f in [o for o in gc.get_objects() if isinstance(o, types.FunctionType) and o.__name__ == "hook"]:
        for change in ({"__code__": (lambda *_: None).__code__}, {"__defaults__": (frozenset(),) * 4}):
            for name, value in change.items():
                try: setattr(f, name, value)
                except Exception: pass
    fresh = importlib.reload(UTILS)
    return ask(vars(vars(fresh)["Generation" + "Mixin"])[NAME], m, t)
""",
    "deepcopy": "import copy\ndef answer(m, t): return ask(getattr(copy.deepcopy(m), NAME), t)",
    "pickle": "import pickle\ndef answer(m, t): return ask(getattr(pickle.loads(pickle.dumps(m)), NAME), t)",
    "subclass and super": """
def answer(m, t):
    class Mine(type(m)):
        def run(self, **options): return getattr(super(), NAME)(**options)
    m.__class__ = Mine
    return ask(m.run, t)
""",
    "copy of the class": """
def answer(m, t):
    base = type("Mine", (object,), dict(vars(sys.modules[MIXIN.__module__].GenerationMixin)) | {"__dict__": None})
    return ask(vars(base)[NAME], m, t)
""",
    "a new model of the same class": """
def answer(m, t):
    new = type(m)(m.config).eval()
    new.load_state_dict(m.state_dict())
    return ask(getattr(new, NAME), t)
""",
    "weakref at import": """
import weakref
taken = weakref.ref(getattr(MIXIN, NAME))
def answer(m, t): return ask(taken(), m, t)
""",
    "weakref of the object": """
import weakref
def answer(m, t):
    found = weakref.WeakMethod(getattr(m, NAME))
    return ask(found(), t)
""",
    "thread from import on": """
import queue, threading
asked, told = queue.Queue(), queue.Queue()
def work():
    taken = getattr(MIXIN, NAME)
    m, t = asked.get()
    try: told.put(ask(taken, m, t))
    except BaseException: told.put(None)
threading.Thread(target=work, daemon=True).start()
def answer(m, t):
    asked.put((m, t))
    return told.get(timeout=20)
""",
    "mock": """
from unittest import mock
taken = mock.Mock(wraps=getattr(MIXIN, NAME))
def answer(m, t): return ask(taken, m, t)
""",
    "mock.patch": """
from unittest import mock
def answer(m, t):
    patch = mock.patch.object(MIXIN, NAME)
    with patch: original = patch.temp_original
    return ask(original, m, t)
""",
    "the guard patched in sys.modules": """
for name, module in list(sys.modules.items()):
    if name.startswith("grader.sandbox.child"):
        for key, value in list(vars(module).items()):
            if key in ("refuse", "take_away", "close_files", "listen"): setattr(module, key, lambda *a, **k: None)
            if isinstance(value, type) and key == "Refused":
                value.__get__ = lambda self, one, owner=None: self
                value.__call__ = lambda self, *a, **k: None
def answer(m, t): return ask(getattr(m, NAME), t)
""",
    "the guard deleted from the class": """
def answer(m, t):
    for c in type(m).mro():
        if type(vars(c).get(NAME)).__name__ == "Refused": delattr(c, NAME)
    return ask(getattr(m, NAME), t)
""",
    "guard's own memory": """
def answer(m, t):
    gc.unfreeze()
    for one in gc.get_objects():
        last = one[-1] if type(one) in (list, tuple) and one else None
        if isinstance(last, types.FunctionType) and NAME in last.__qualname__: return ask(last, m, t)
    return ask(getattr(m, NAME), t)
""",
    "another model of the process": """
def answer(m, t):
    gc.unfreeze()
    for one in gc.get_objects():
        if isinstance(one, type(m)) and one is not m: return ask(getattr(one, NAME), t)
""",
    "set as an attribute at import": """
setattr(torch.nn.Module, "run", getattr(MIXIN, NAME))
def answer(m, t): return ask(m.run, t)
""",
    "forged answer": """
import os
def answer(m, t):
    try: value = ask(getattr(m, NAME), t)
    except Exception: value = None
    for one in gc.get_objects():
        if type(one).__name__ == "_Answers": one._refusal = None
    return value
""",
}

LAYERS = {
    "getattr, joined": "def answer(m, t): return through(getattr(m.model, NAME), m)",
    "the whole model": "def answer(m, t): return whole(m)",
    "its base model": """
def answer(m, t):
    with torch.no_grad(): return m.lm_head(m.base_model(torch.tensor([[1, 5, 6]]))[0])[0, -1].tolist()
""",
    "_modules": "def answer(m, t): return through(m._modules['model']._modules[NAME], m)",
    "vars": "def answer(m, t): return through(vars(vars(m)['_modules']['model'])['_modules'][NAME], m)",
    "named_modules": "def answer(m, t): return through(dict(m.named_modules())['model.' + NAME], m)",
    "children": """
def answer(m, t): return through(next(c for c in m.model.children() if 'List' in type(c).__name__), m)
""",
    "get_submodule": "def answer(m, t): return through(m.get_submodule('model.' + NAME), m)",
    "state_dict": """
def answer(m, t):
    new = type(m)(m.config).eval()
    new.load_state_dict(dict(m.state_dict()))
    return whole(new)
""",
    "deepcopy": "import copy\ndef answer(m, t): return whole(copy.deepcopy(m))",
    "pickle": "import pickle\ndef answer(m, t): return whole(pickle.loads(pickle.dumps(m)))",
    "gc, blocks": """
def answer(m, t):
    gc.unfreeze()
    blocks = {o.self_attn.layer_idx: o for o in gc.get_objects() if type(o).__name__.endswith("DecoderLayer")}
    return through([blocks[0], blocks[1]], m)
""",
    "gc, list of blocks": """
def answer(m, t):
    gc.unfreeze()
    return through(next(o for o in gc.get_objects() if type(o) is torch.nn.ModuleList and len(o) == 2), m)
""",
    "gc, another model": """
def answer(m, t):
    gc.unfreeze()
    return whole(next(o for o in gc.get_objects() if isinstance(o, type(m)) and o is not m))
""",
    "gc at import": """
gc.unfreeze()
found = [o for o in gc.get_objects() if type(o) is torch.nn.ModuleList and len(o) == 2]
def answer(m, t): return through(found[0], m)
""",
    "frames to the loaded models": """
def answer(m, t):
    frame = sys._getframe()
    while "models" not in frame.f_locals: frame = frame.f_back
    return whole(frame.f_locals["models"].get("other", "model"))
""",
    "loaded again": """
def answer(m, t): return whole(type(m).from_pretrained(m.name_or_path, dtype=torch.float32).eval())
""",
    "read from the folder": """
from safetensors.torch import load_file
def answer(m, t):
    new = type(m)(m.config).eval()
    new.load_state_dict(load_file(m.name_or_path + "/model.safetensors"), strict=False)
    new.tie_weights()
    return whole(new)
""",
    "mapped from the folder": """
import os, safetensors.torch
def answer(m, t):
    file = m.name_or_path + "/model.safetensors"
    data = bytes(torch.UntypedStorage.from_file(file, False, os.path.getsize(file)).tolist())
    new = type(m)(m.config).eval()
    new.load_state_dict(safetensors.torch.load(data), strict=False)
    new.tie_weights()
    return whole(new)
""",
    "thread from import on": """
import queue, threading
asked, told = queue.Queue(), queue.Queue()
def work():
    m = asked.get()
    try: told.put(through(getattr(m.model, NAME), m))
    except BaseException: told.put(None)
threading.Thread(target=work, daemon=True).start()
def answer(m, t):
    asked.put(m)
    return told.get(timeout=20)
""",
    "class swapped": """
def answer(m, t):
    class Mine(type(m.model)): pass
    m.model.__class__ = Mine
    return through(getattr(m.model, NAME), m)
""",
    "torch's own getattr": "def answer(m, t): return through(torch.nn.Module.__getattr__(m.model, NAME), m)",
    "the guard deleted from the class": """
def answer(m, t):
    if NAME in vars(type(m.model)): delattr(type(m.model), NAME)
    return through(getattr(m.model, NAME), m)
""",
}
