        for name, categories in CATEGORIES.items():
{% if m.has_missing %}
            known = {{ frame }}[name].isin(categories)  # An empty text is a missing one.
            {{ frame }}[name] = pd.Categorical({{ frame }}[name].where(known), categories)
{% else %}
            {{ frame }}[name] = pd.Categorical({{ frame }}[name], categories)
{% endif %}
