"""Text: a sparse matrix of words goes in as it is, and is never made dense.

Which data set is a sentence of scikit-learn's own descriptions about?
"""

import re

from sklearn import datasets
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from retrograde import MLPClassifier

sentences, about = [], []
for name in ["breast_cancer", "diabetes", "digits", "iris", "wine"]:
    text = getattr(datasets, f"load_{name}")().DESCR
    for sentence in re.split(r"[.\n]\s*\n|\.\s", text):
        if len(sentence.split()) >= 6:
            sentences.append(sentence)
            about.append(name)

train, test, train_about, test_about = train_test_split(
    sentences, about, test_size=0.3, stratify=about, random_state=0
)
words = TfidfVectorizer(sublinear_tf=True)
network = MLPClassifier((32,), alpha=0.01, max_iter=80, tol=0, random_state=0)
model = make_pipeline(words, network).fit(train, train_about)
X = words.transform(test)
print(f"{X.shape[1]} words, {X.nnz / X.shape[0]:.0f} of them in a sentence; {len(train)} sentences to learn from")
print(f"accuracy {model.score(test, test_about):.2f} on {len(test)} others (the most frequent: {max(map(test_about.count, set(test_about))) / len(test):.2f})")
