from collections import Counter
import time
from tests.fuzzing import test_validate as tv
from tests.fuzzing.test_validate import *
C=Counter(); T=[]
def spy(names):
    t=time.process_time()
    for c in check_tubes(names, False):
        C[tuple(sorted({d.code for d in c.diagnostics})) or "valid"]+=1
    old(names)
    T.append((time.process_time()-t))
old=tv.assert_diagnosed
def test_stat(folder, number_of_examples, monkeypatch):
    monkeypatch.setattr(tv,"assert_diagnosed",spy)
    tv.test_mutated_tubes(folder, number_of_examples)
    each=Counter()
    for k,v in C.items():
        if k=="valid": each[k]+=v
        else:
            for c in k: each[c]+=v
    print(each.most_common()); print(len(C)); T.sort(); print(T[-10:], sum(T)/len(T), sum(C.values()))
