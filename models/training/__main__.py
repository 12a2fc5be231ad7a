"""
python3 -m training NETWORK train    --data FOLDER --out RUN --cache FOLDER [--published
nanodet.json] [--steps N] ... python3 -m training NETWORK resume   --out RUN [--steps N] python3 -m
training NETWORK evaluate --run RUN --data FOLDER --cache FOLDER python3 -m training NETWORK export
--run RUN --onnx FILE
"""
from .shared.command import main

main()
