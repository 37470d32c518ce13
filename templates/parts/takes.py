# How the model takes many instances; `{{ s.slug }} probe` finds out.
TAKES = {{ m.takes }}
